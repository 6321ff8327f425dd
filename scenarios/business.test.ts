import { beforeEach, expect, test, vi } from 'vitest';
import type { SummaryRow } from './lib/objectives/summary-row.ts';

vi.mock('./lib/runtime/k6.ts', async () => (await import('../test/silent-k6.ts')).k6);
vi.stubGlobal('__VU', 0);
beforeEach(() => vi.resetModules());

async function scenario(PARTS: string) {
  vi.stubGlobal('__ENV', { SUMMARY_JSON: 'rows', PARTS });
  const { handleSummary, options } = await import('./business.ts');
  const written = handleSummary({ state: { testRunDurationMs: 1 }, metrics: {} }).rows ?? '';
  const { rows } = JSON.parse(written) as { rows: SummaryRow[] };
  return { rows, parts: Object.keys(options.scenarios), thresholds: Object.keys(options.thresholds) };
}

test('a part that is left out is not run, not measured, and breaks nothing', async () => {
  const { rows, parts, thresholds } = await scenario('churn,onboarding');
  expect(parts).toEqual(['churn', 'onboarding']);
  const left = rows.filter(({ result }) => result === 'not measured');
  expect(rows.length - left.length).toBe(7);
  expect(left).toHaveLength(5);
  expect(left[0]).toMatchObject({ objective: 'model-routing.accuracy', reason: 'not among PARTS' });
  expect(thresholds.filter((name) => /rout|cost/.test(name))).toEqual([]);
});

test('a part that there is not is refused with those that there are', async () => {
  await expect(scenario('churn,costs')).rejects.toThrow(
    'PARTS: there is no part "costs"; there are onboarding,churn,routing,cost',
  );
});
