import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { type DrillFiles, runToEnd, startDrill, writeDrill } from '../drill/run-drill.ts';
import { k6OfEachMajor } from '../k6.ts';
import { until } from '../survivors.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

/** k6 waits a minute for an answer, which is longer than the load and its graceful stop. */
const SCRIPT = `
import http from 'k6/http';
import { sleep } from 'k6';
const models = {
  open: { executor: 'constant-arrival-rate', rate: 10, duration: '4s', preAllocatedVUs: 100 },
  closed: { executor: 'constant-vus', vus: 3, duration: '4s' },
  dawdles: { executor: 'constant-vus', vus: 3, duration: '3s', exec: 'dawdle' },
  leaves: { executor: 'ramping-vus', startVUs: 4, stages: [{ duration: '5s', target: 0 }], gracefulRampDown: '0s' },
};
export const options = { scenarios: { work: { gracefulStop: __ENV.GRACE, ...models[__ENV.MODEL] } } };
export default function () {
  http.post(__ENV.BASE_URL + '/writes', '{}', { headers: { 'Idempotency-Key': String(Math.random()) } });
  sleep(0.1);
}
/** Answered, and then busy with itself until it is cut off. */
export function dawdle() {
  http.get(__ENV.BASE_URL + '/health');
  sleep(__ITER < 20 ? 0.05 : 60);
}
`;

describe.each(await k6OfEachMajor())('a load without faults, on k6 $major', ({ k6 }) => {
  const run = test.skipIf(k6 === null).concurrent;

  run.for(['open', 'closed'])('%s: a target that hangs until its end is FAIL', async (MODEL, context) => {
    const verdict = await frozen(context, { MODEL, GRACE: '7s' });
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('FAIL');
    expect(verdict.reasons.join('\n')).toMatch(
      /The target hung: the scenario work of Load 1 \(script\.js\) had no answer from .* until k6 cut it off/,
    );
  });

  run('without a graceful stop, a silence that may be a slow answer is INVALID', async (context) => {
    const verdict = await frozen(context, { MODEL: 'closed', GRACE: '0s' });
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('INVALID');
    expect(verdict.reasons.join('\n')).toContain('The target may have hung');
  });

  run(
    'iterations that are cut off in a pause of their own are not the failure of the target',
    async (context) => {
      const { files } = await set(context, { MODEL: 'dawdles', GRACE: '7s' });
      const { verdict } = await runToEnd(files);
      expect(verdict.verdict, verdict.reasons.join('\n')).toBe('INVALID');
      expect(verdict.reasons.join('\n')).toContain('The target may have hung');
    },
  );

  run.for(['open', 'closed', 'leaves'])(
    '%s: a target that answers to the end is PASS',
    async (MODEL, context) => {
      const { files } = await set(context, { MODEL, GRACE: '0s' });
      const { verdict } = await runToEnd(files);
      expect(verdict.verdict, verdict.reasons.join('\n')).toBe('PASS');
    },
  );

  /** The target is frozen in the middle of the load, and stays so. */
  async function frozen(context: TestContext, vars: Record<string, string>): Promise<Verdict> {
    const { files, target } = await set(context, vars);
    const running = startDrill(files);
    await until(
      () => writesOf(target) >= 12,
      30_000,
      () => `${writesOf(target)} writes`,
    );
    process.kill(target.pid(), 'SIGSTOP');
    const { stdout } = await running;
    return JSON.parse(String(stdout)) as Verdict;
  }

  async function set(
    context: TestContext,
    vars: Record<string, string>,
  ): Promise<{ files: DrillFiles; target: TinyTarget }> {
    const target = await startTinyTarget();
    context.onTestFinished(() => target.stop());
    const drill = {
      load: [{ script: 'script.js', vars }],
      steady: { for: '1s' },
      faults: [],
    };
    const files = writeDrill(target, drill, {}, k6?.path);
    writeFileSync(path.join(target.directory, 'script.js'), SCRIPT);
    return { files, target };
  }
});

function writesOf({ directory }: TinyTarget): number {
  return readFileSync(path.join(directory, 'writes.txt'), 'utf8').split('\n').length - 1;
}
