import { afterAll, describe, expect, test, vi } from 'vitest';
import { anyK6, k6OfEachMajor } from '../test/k6.ts';
import { madeUpDeployments } from '../test/load/broken-deployment.ts';
import { startHttpTarget } from '../test/load/http-target.ts';
import { buildForTest, runBundle, withResult } from '../test/load/run-bundle.ts';

const bundles = await buildForTest();
afterAll(() => bundles.remove());

const majors = await k6OfEachMajor();
const any = await anyK6();
// They mostly wait, and each has a target of its own.
vi.setConfig({ maxConcurrency: 5 });

const RATE = 20;
const FROZEN_MS = 2000;

for (const { major, k6 } of majors)
  test
    .skipIf(k6 === null)
    .concurrent(`k6 ${major}: a target that stalls for 2 s fails the watch`, async () => {
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

/** A light load, with which one sample is enough. */
const short = { RATE: 5, COMPARE_RATE: 50, DURATION: '4s', MIN_SAMPLES: 1 };

describe.concurrent('versions', () => {
  for (const { major, k6 } of majors)
    test.skipIf(k6 === null)(`k6 ${major}: who saw one version only has watched no change`, async () => {
      const target = await startHttpTarget();
      try {
        target.sabotage = { version: () => 'old' };
        const vars = { ...short, BASE_URL: target.url, DURATION: '2s' };
        const run = await runBundle({ k6: k6?.path ?? '', script: bundles.bundle('deployment-watch'), vars });
        expect(run.rows).toContainEqual({
          objective: 'deployment.evidence',
          target: 'versions_seen ≥ 2',
          measured: 1,
          samples: 1,
          result: 'INVALID',
          reason: '2 samples are needed',
        });
        expect(run.exitCode).toBe(99);
      } finally {
        await target.close();
      }
    });

  test.skipIf(any === null).each(madeUpDeployments)(
    '$title: $red',
    async ({ sabotage, vars, about, red }) => {
      const target = await startHttpTarget();
      try {
        target.sabotage = sabotage;
        const named = { ...short, BASE_URL: target.url, BLUE: 'old', GREEN: 'new', ...vars };
        const run = await runBundle({
          k6: any?.path ?? '',
          script: bundles.bundle('deployment-watch'),
          vars: named,
        });
        const those = (result: 'FAIL' | 'INVALID') =>
          withResult(run, result).filter((name) => name.startsWith(about));
        expect({ red: those('FAIL').sort(), invalid: those('INVALID') }, run.stdout).toEqual({
          red,
          invalid: [],
        });
        expect(withResult(run, 'PASS')).toContain('deployment.evidence');
        if (red.length > 0) expect(run.exitCode).toBe(99);
      } finally {
        await target.close();
      }
    },
  );
});
