import { expect, test, vi } from 'vitest';
import gateway from '../../../thresholds/gateway.ts';
import { scenarioOptions } from '../objectives/scenario-options.ts';
import type { SummaryRow } from '../objectives/summary-row.ts';
import type { K6Metric, ScenarioOptions } from '../objectives/types.ts';
import { at, inTurn } from './levels.ts';

vi.mock('../runtime/k6.ts', async () => (await import('../../../test/silent-k6.ts')).k6);
vi.stubGlobal('__ENV', { SUMMARY_JSON: 'rows' });
vi.stubGlobal('__VU', 0);

interface Scenario {
  readonly options: { readonly scenarios: object; readonly thresholds: ScenarioOptions['thresholds'] };
  readonly handleSummary: ScenarioOptions['handleSummary'];
}

/** Names of the objectives that fail when k6 finds every threshold broken on the samples of one of its scenarios, and no other. */
function failedBy(
  level: string,
  { thresholds, handleSummary }: Pick<ScenarioOptions, 'thresholds' | 'handleSummary'>,
) {
  const metrics: Record<string, K6Metric> = {};
  for (const [metric, expressions] of Object.entries(thresholds)) {
    // k6 adds a sample to every selector whose tags it has.
    const ok = /[{,]scenario:([^,}]+)/.exec(metric)?.[1] !== level;
    const bounds = expressions.map((one) => [typeof one === 'string' ? one : one.threshold, { ok }]);
    // Events that must not occur are zero where all is well.
    const isForbidden = bounds.some(([bound]) => /^count(==|<=)/.test(String(bound)));
    metrics[metric] = {
      values: { count: isForbidden && ok ? 0 : 1e6 },
      thresholds: Object.fromEntries(bounds),
    };
  }
  const { rows = '' } = handleSummary({ state: { testRunDurationMs: 1000 }, metrics });
  return (JSON.parse(rows) as { rows: SummaryRow[] }).rows
    .filter(({ result }) => result === 'FAIL')
    .map(({ objective }) => objective);
}

const named = (level: string) => gateway.map(({ name }) => `${name}.${level}`);

test('each objective of a level is judged by the samples of its own scenario: a good level does not hide a bad one', () => {
  const scenario = scenarioOptions(() => ({
    scenario: 'levels',
    objectives: [...at('low', gateway), ...at('high', gateway)],
    openLoop: false,
  }));
  expect(failedBy('high', scenario)).toEqual(named('high'));
  expect(failedBy('low', scenario)).toEqual(named('low'));
});

test('the other conditions of an objective stay', () => {
  const [latency] = at('high', gateway);
  expect(latency).toEqual({
    ...gateway[0],
    name: `${gateway[0]?.name}.high`,
    where: { name: 'GET /health', scenario: 'high' },
  });
});

test.each([
  ['golden-signals', ['users-10', 'users-100', 'users-1000', 'open-loop']],
  ['edges', ['at-rest', 'under-load', 'honest']],
])('the levels of %s are scenarios that k6 runs, and each fails by itself', async (name, levels) => {
  const { options, handleSummary } = (await import(`../../${name}.ts`)) as Scenario;
  expect(Object.keys(options.scenarios)).toEqual(expect.arrayContaining(levels));
  for (const level of levels) {
    const failed = failedBy(level, { thresholds: options.thresholds, handleSummary });
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.filter((one) => !one.endsWith(`.${level}`))).toEqual([]);
  }
});

test('levels follow each other, with the pause between them, under their own names', () => {
  const executor = { executor: 'constant-vus', vus: 1 };
  const levels = inTurn(500, [
    { name: 'low', durationMs: 1000, executor },
    { name: 'high', durationMs: 2000, executor },
    { name: 'last', durationMs: 1000, executor },
  ]);
  expect(levels).toEqual({
    low: { ...executor, startTime: '0ms', gracefulStop: '500ms' },
    high: { ...executor, startTime: '1500ms', gracefulStop: '500ms' },
    last: { ...executor, startTime: '4000ms', gracefulStop: '500ms' },
  });
});
