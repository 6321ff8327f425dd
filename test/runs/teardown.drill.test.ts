import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { eventOf, startDrill, writeDrill } from '../drill/run-drill.ts';
import { k6OfEachMajor } from '../k6.ts';
import { startTinyTarget } from '../tiny-target/tiny-target.ts';

/** Clears away what it has made, which takes its time. */
const SCRIPT = `
import http from 'k6/http';
import { sleep } from 'k6';
export const options = { vus: 2, duration: '30s' };
const write = (id) => http.post(__ENV.BASE_URL + '/writes', '{}', { headers: { 'Idempotency-Key': id } });
export default function () {
  write('of the load ' + __VU + ' ' + __ITER);
  sleep(0.1);
}
export function teardown() {
  sleep(Number(__ENV.TAKES_S));
  write('cleared away');
}
`;

describe.each(await k6OfEachMajor())('a load that is stopped, on k6 $major', ({ k6 }) => {
  const run = test.skipIf(k6 === null).concurrent;

  run('clears away what it has made', { timeout: 60_000 }, async (context) => {
    const { verdict, written } = await stopped(context, 5);
    expect(written).toContain('cleared away');
    expect(verdict.verdict).toBe('INVALID');
    expect(verdict.reasons.join('\n')).not.toContain('teardown');
  });

  run('is killed when that takes too long, and the verdict says so', { timeout: 90_000 }, async (context) => {
    const { verdict, written } = await stopped(context, 50);
    expect(written).not.toContain('cleared away');
    expect(verdict.verdict).toBe('INVALID');
    expect(verdict.reasons.join('\n')).toMatch(
      /Load 1 \(script\.js\): k6 did not end when it was asked to, and was killed: if the script has a teardown\(\), what it clears away may still be there/,
    );
  });

  async function stopped(
    context: TestContext,
    takesS: number,
  ): Promise<{ verdict: Verdict; written: string }> {
    const target = await startTinyTarget();
    context.onTestFinished(() => target.stop());
    const drill = { load: [{ script: 'script.js', vars: { TAKES_S: String(takesS) } }], faults: [] };
    const files = writeDrill(target, drill, {}, k6?.path);
    writeFileSync(path.join(target.directory, 'script.js'), SCRIPT);
    const running = startDrill(files);
    await eventOf(files, 'first-sample', running);
    running.kill('SIGINT');
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(2);
    const written = readFileSync(path.join(target.directory, 'writes.txt'), 'utf8');
    return { verdict: JSON.parse(String(stdout)), written };
  }
});
