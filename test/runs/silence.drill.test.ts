import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { shortFaults } from '../drill/faults.ts';
import { type DrillFiles, eventOf, events, runToEnd, startDrill, writeDrill } from '../drill/run-drill.ts';
import { k6OfEachMajor } from '../k6.ts';
import { until } from '../survivors.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

/** k6 waits a minute for an answer, which is its default. */
const SCRIPT = `
import http from 'k6/http';
import { sleep } from 'k6';
const common = { duration: __ENV.DURATION, gracefulStop: '1s' };
const scenarios = {
  open: { executor: 'constant-arrival-rate', rate: 5, preAllocatedVUs: 200, exec: 'work', ...common },
  closed: { executor: 'constant-vus', vus: 3, exec: 'think', ...common },
};
const once = { executor: 'per-vu-iterations', vus: 1, iterations: 1, exec: 'work' };
export const options = { scenarios: { once, [__ENV.MODEL]: scenarios[__ENV.MODEL] } };
export function work() { http.post(__ENV.BASE_URL + '/writes', '{}', { headers: { 'Idempotency-Key': String(Math.random()) } }); }
export function think() { work(); sleep(0.6); }
`;

const models = ['open', 'closed'] as const;
const slow = { ...shortFaults.latency, at: '7s' };
const stop = [{ errors: true, above: '50%', for: '1s' }];

describe.each(await k6OfEachMajor())('what k6 $major says while nobody answers', ({ k6 }) => {
  const run = test.skipIf(k6 === null).concurrent;

  run('nothing is silent in loads that pause: seldom arrivals, think time, short ones', async (context) => {
    const load = (MODEL: string, DURATION: string) => ({ script: 'script.js', vars: { MODEL, DURATION } });
    const { files } = await set(context, {
      load: models.map((model) => load(model, '9s')),
      faults: [slow],
      stop,
    });
    const { verdict } = await runToEnd(files);
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('PASS');
    expect(typesOf(files)).toContain('steady-held');
  });

  run.for(models)('%s: a target that stopped answering is not steady', async (MODEL, context) => {
    const { files, target } = await set(context, {
      load: [{ script: 'script.js', vars: { MODEL, DURATION: '20s' } }],
      faults: [slow],
    });
    const running = startDrill(files);
    await until(
      () => writesOf(target) >= 12,
      30_000,
      () => `${writesOf(target)} writes`,
    );
    process.kill(target.pid(), 'SIGSTOP');
    const { exitCode, stdout } = await running;
    expect(exitCode, String(stdout)).toBe(2);
    expect(typesOf(files)).not.toContain('fault-injecting');
    const failed = events(files).find(({ event }) => event.type === 'steady-failed');
    expect(failed?.event).toMatchObject({
      reason: expect.stringMatching(/^no request has been answered for \d+ s while k6 has requests open$/),
    });
  });

  run('a freeze that swallows every request breaches a bound on errors', async (context) => {
    const { files, target } = await set(context, {
      load: [{ script: 'script.js', vars: { MODEL: 'open', DURATION: '40s' } }],
      faults: [{ ...shortFaults.freeze, at: '4s', for: '30s' }],
      stop,
    });
    const running = startDrill(files);
    const injected = await eventOf(files, 'fault-injected', running);
    const { exitCode, stdout } = await running;
    expect(exitCode, String(stdout)).toBe(2);
    const stopped = events(files).find(({ event }) => event.type === 'stopped');
    expect(stopped?.event).toMatchObject({
      cause: 'stop-condition',
      reason: expect.stringMatching(/^stop\[0\]: no request has been answered for \d+ s/),
    });
    const ended = events(files).find(({ event }) => event.type === 'fault-ended');
    expect((stopped?.at ?? Number.NaN) - injected.at).toBeLessThan(20_000);
    expect((ended?.at ?? Number.NaN) - (stopped?.at ?? Number.NaN)).toBeLessThan(1_000);
    expect(writesOf(target)).toBeGreaterThan(10);
  });

  async function set(
    context: TestContext,
    drill: object,
  ): Promise<{ files: DrillFiles; target: TinyTarget }> {
    const target = await startTinyTarget();
    context.onTestFinished(() => target.stop());
    const files = writeDrill(target, { steady: { for: '3s' }, ...drill }, {}, k6?.path);
    writeFileSync(path.join(target.directory, 'script.js'), SCRIPT);
    return { files, target };
  }
});

function typesOf(files: DrillFiles): string[] {
  return events(files).map(({ event }) => event.type);
}

function writesOf({ directory }: TinyTarget): number {
  return readFileSync(path.join(directory, 'writes.txt'), 'utf8').split('\n').length - 1;
}
