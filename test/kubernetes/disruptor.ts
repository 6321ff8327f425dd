import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { K6 } from '../../orchestrator/tools/find-k6.ts';
import { type BundleRun, buildForTest, runBundle, withResult } from '../load/run-bundle.ts';

/** A k6 with xk6-disruptor: the one that SQUALL_K6_DISRUPTOR names, else the one that the cluster in ../shared unpacks. */
const extended =
  process.env.SQUALL_K6_DISRUPTOR ?? path.join(homedir(), '.cache', 'squall-cluster', 'bin', 'k6-disruptor');
const bundles = await buildForTest();
const script = bundles.bundle('xk6/disruptor');

export function describeStockK6(stock: K6 | null): void {
  afterAll(() => bundles.remove());

  test.skipIf(stock === null)(
    'stock k6 says which extension the bundle needs, and runs nothing',
    async () => {
      const run = await runBundle({ k6: stock?.path ?? '', script, vars: {} });
      expect(run.exitCode).not.toBe(0);
      expect(run.stderr).toContain('k6/x/disruptor');
      expect(run.rows).toEqual([]);
    },
  );
}

export function describeDisruptor(): void {
  describe('HTTP faults from within k6', () => {
    const it = test.skipIf(!existsSync(extended));
    const go = (vars: Record<string, string | number>): Promise<BundleRun> =>
      runBundle({
        k6: extended,
        script,
        vars: { BASE_URL: process.env.SQUALL_TEST_BASE_URL ?? 'http://10.78.0.90:9000', ...vars },
        timeoutMs: 120_000,
        env: { KUBECONFIG: process.env.KUBECONFIG ?? '', NO_PROXY: '*' },
      });
    const short = { BEFORE: '6s', FAULT_DURATION: '10s', SETTLE: '15s', AFTER: '6s' };

    it("the component's users see the fault while it lasts, others do not, and afterwards nobody does", {
      timeout: 200_000,
    }, async () => {
      const run = await go(short);
      expect(run.stdout).toContain('disruptor.fault-is-seen');
      // The generator's speed depends on the machine.
      expect(withResult(run, 'FAIL').filter((name) => name !== 'generator.dropped-iterations')).toEqual([]);
      expect(withResult(run, 'INVALID')).toEqual([]);
      expect(withResult(run, 'PASS')).toEqual(
        expect.arrayContaining([
          'disruptor.injected',
          'disruptor.fault-is-seen',
          'disruptor.no-errors-before',
          'disruptor.no-errors-after',
          'disruptor.others-unharmed',
        ]),
      );
    });

    // Shorter, because the test above already covers the end of the fault.
    const brief = { BEFORE: '1s', FAULT_DURATION: '6s', SETTLE: '9s', AFTER: '1s' };

    it.each([
      [
        'a fault in pods that these users do not reach is not seen',
        { COMPONENT: 'vocal-coach', PORT: 9072 },
        'disruptor.fault-is-seen',
      ],
      [
        'a fault in the gateways harms everybody',
        { COMPONENT: 'gateway', PORT: 9010, EXCLUDE: '/none' },
        'disruptor.others-unharmed',
      ],
    ] as const)('%s', { timeout: 200_000 }, async (_, vars, objective) => {
      const run = await go({ ...brief, ...vars });
      expect(withResult(run, 'PASS')).toContain('disruptor.injected');
      expect(withResult(run, 'FAIL')).toContain(objective);
      expect(run.exitCode).toBe(99);
    });

    it('without matching pods there is no fault', { timeout: 200_000 }, async () => {
      const run = await go({
        BEFORE: '1s',
        FAULT_DURATION: '2s',
        SETTLE: '0s',
        AFTER: '1s',
        COMPONENT: 'nobody',
      });
      expect(withResult(run, 'INVALID')).toContain('disruptor.injected');
      expect(run.exitCode).toBe(99);
    });
  });
}
