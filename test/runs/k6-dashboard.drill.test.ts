import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { eventOf, startDrill, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
let target: TinyTarget | undefined;
afterEach(() => target?.stop());

test.skipIf(k6 === null)(
  "k6's own dashboard is passed through, and a browser that stays does not keep k6 from ending",
  async () => {
    target = await startTinyTarget();
    const files = writeDrill(
      target,
      { load: [{ script: 'script.js', vars: { RATE: '20', DURATION: '6s' } }] },
      {},
      k6?.path,
    );
    const running = startDrill(files, ['--k6-dashboard']);
    let said = '';
    running.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    await eventOf(files, 'first-sample', running);
    const port = Number(/^k6's own dashboard: http:\/\/127\.0\.0\.1:(\d+)\/$/m.exec(said)?.[1]);
    const stream = ask(port, '/events');
    expect(await ask(port, '/')).toMatchObject({ status: 307 });
    expect(await ask(port, '/ui/')).toMatchObject({
      status: 200,
      body: expect.stringContaining('k6 dashboard'),
    });
    expect(await ask(port, '/', { host: 'evil.example' })).toMatchObject({ status: 421 });
    expect(await ask(port, '/events', { origin: 'http://evil.example' })).toMatchObject({ status: 403 });
    const { exitCode, stdout } = await running;
    const verdict = JSON.parse(String(stdout)) as Verdict;
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('PASS');
    expect(exitCode).toBe(0);
    const { status, body, headers } = await stream;
    expect(status).toBe(200);
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(body).toMatch(/^event: start$/m);
    expect(body).toMatch(/^event: stop$/m);
  },
);

function ask(port: number, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
        let body = '';
        const done = () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        response.setEncoding('utf8').on('data', (text) => {
          body += text;
        });
        response.on('end', done).on('error', done);
      })
        .on('error', reject)
        .end();
    },
  );
}
