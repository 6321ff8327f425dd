import { afterAll, expect, test } from 'vitest';
import { k6OfEachMajor } from '../test/k6.ts';
import { startHttpTarget } from '../test/load/http-target.ts';
import { buildForTest, runBundle, withResult } from '../test/load/run-bundle.ts';

const bundles = await buildForTest();
afterAll(() => bundles.remove());

const RATE = 20;
const FROZEN_MS = 2000;

for (const { major, k6 } of await k6OfEachMajor())
  test.skipIf(k6 === null)(`k6 ${major}: a target that stalls for 2 s fails the watch`, async () => {
    const target = await startHttpTarget();
    try {
      // After the first second, everything that arrives waits until the freeze is over.
      let thawedAt = 0;
      target.sabotage = {
        delayMs: ({ nth }) => {
          if (nth === RATE) thawedAt = Date.now() + FROZEN_MS;
          return Math.max(0, thawedAt - Date.now());
        },
      };
      const vars = { BASE_URL: target.url, RATE, DURATION: '5s', MIN_SAMPLES: 1 };
      const run = await runBundle({ k6: k6?.path ?? '', script: bundles.bundle('deployment-watch'), vars });
      // Nothing failed and everything was answered: only the dropped iterations show it, and the percentiles of so short a run.
      expect(withResult(run, 'PASS')).toContain('rolling-update.failed-requests');
      expect(withResult(run, 'FAIL')).toContain('generator.dropped-iterations');
      expect(run.exitCode).toBe(99);
    } finally {
      await target.close();
    }
  });
