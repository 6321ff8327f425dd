import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { slo } from '../../chaos/schema/slo.ts';
import { importOpenSlo } from './import-open-slo.ts';

function document(spec: object = {}, ratio: object = {}): string {
  const source = (query: string) => ({ metricSource: { type: 'Prometheus', spec: { query } } });
  return stringify({
    apiVersion: 'openslo/v1',
    kind: 'SLO',
    metadata: { name: 'web' },
    spec: {
      service: 'shop',
      budgetingMethod: 'Occurrences',
      timeWindow: [{ duration: '4w', isRolling: true }],
      indicator: {
        spec: {
          ratioMetric: { good: source('sum(rate(ok[5m]))'), total: source('sum(rate(all[5m]))'), ...ratio },
        },
      },
      objectives: [{ target: 0.995 }],
      ...spec,
    },
  });
}
const source = (query: string, type = 'Prometheus') => ({ metricSource: { type, spec: { query } } });

test('a ratio of events is taken, with its range as the window, and fits the schema', () => {
  const { objectives, left } = importOpenSlo(document(), 'f');
  expect(left).toEqual([]);
  expect(objectives).toEqual({
    web: {
      good: 'sum(rate(ok[$window]))',
      total: 'sum(rate(all[$window]))',
      atLeast: '99.5%',
      window: '28d',
    },
  });
  expect(slo.safeParse({ prometheus: 'http://p', objectives }).success).toBe(true);
});

test.each([
  [
    'a counter',
    { counter: true, good: source('ok{a="b"}'), total: source('sum(all)') },
    'sum(rate(ok{a="b"}[$window]))',
  ],
  ['a template of sloth', { good: source('sum(rate(ok[{{.window}}]))') }, 'sum(rate(ok[$window]))'],
  ['a variable of Grafana', { good: source('sum(rate(ok[$__rate_interval]))') }, 'sum(rate(ok[$window]))'],
  [
    'a text in place of a map',
    { good: { metricSource: { spec: 'sum(rate(ok[1h30m]))' } } },
    'sum(rate(ok[$window]))',
  ],
])('%s counts, too', (_, ratio, good) => {
  expect(importOpenSlo(document({}, ratio), 'f').objectives.web?.good).toBe(good);
});

test('several objectives of one SLO have numbers, and a target in per cent is one', () => {
  const two = document({ objectives: [{ targetPercent: 99 }, { target: 0.9999 }] });
  const { objectives } = importOpenSlo(two, 'f');
  expect(Object.entries(objectives).map(([name, { atLeast }]) => [name, atLeast])).toEqual([
    ['web-1', '99%'],
    ['web-2', '99.99%'],
  ]);
});

test.each([
  ['a threshold', { indicator: { spec: { thresholdMetric: {} } } }, {}, 'a threshold'],
  ['time slices', { budgetingMethod: 'Timeslices' }, {}, 'it counts Timeslices'],
  ['a composite', { objectives: [{ target: 0.9, indicatorRef: 'x' }] }, {}, 'composite'],
  ['another source', {}, { good: source('x', 'Datadog') }, 'counted by Datadog'],
  ['an indicator elsewhere', { indicator: undefined, indicatorRef: 'gone' }, {}, 'gone is not in this file'],
  ['no target', { objectives: [{}] }, {}, 'no target'],
  ['a target above 1', { objectives: [{ target: 99 }] }, {}, 'no target between 0 and 1'],
  ['a query without a range', {}, { good: source('sum(ok) / 2') }, 'no range'],
  [
    'a sum by hand',
    {},
    { counter: true, good: source('sum(a) - sum(b)') },
    'more than the name of a counter',
  ],
  ['a strange window', { timeWindow: [{ duration: 'soon' }] }, {}, 'is no duration'],
  ['a raw ratio', {}, { good: undefined, total: undefined, raw: source('r') }, 'no good or bad events'],
])('%s is listed, and not changed into something else', (_, spec, ratio, why) => {
  const { objectives, left } = importOpenSlo(document(spec, ratio), 'f');
  expect(objectives).toEqual({});
  expect(left).toEqual([expect.stringContaining(why)]);
});

test.each([
  ['', 'has no SLO of OpenSLO v1'],
  ['a: [', 'f: '],
  ['apiVersion: openslo/v1alpha\nkind: SLO\nmetadata: { name: x }', 'it has openslo/v1alpha'],
  ['just text', 'has no SLO'],
])('%j is refused', (text, said) => {
  expect(() => importOpenSlo(text, 'f')).toThrow(said);
});
