import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadDrill } from '../definitions/load-drill.ts';
import { parseMetricSelector } from '../fields/metric-selector.ts';
import { probeKinds } from './index.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-readings-'));
afterAll(() => rmSync(directory, { recursive: true }));

const load = async (probe: string) => {
  const file = path.join(directory, 'drill.yaml');
  writeFileSync(
    file,
    `name: a\nload: [{ scenario: spike }]\nobjectives: [{ use: gateway }]\nprobes:\n  - { name: x, ${probe} }\n`,
  );
  return (await loadDrill(file)).value.probes[0];
};
const METRIC = 'kind: metric, url: "http://127.0.0.1:9050/metrics", metric: queue';
const JSON_OF = 'kind: json, url: "http://127.0.0.1:9050/status", path: $.rounds';
const FORECAST =
  'kind: forecast, url: "http://127.0.0.1:9050/metrics", forecast: budget_forecast, actual: budget_spent, within: 40s';

test.each([
  [`${FORECAST}, offAtMost: 25%`, 'budget_forecast off by <= 25 %'],
  [`${METRIC}, above: 28, atMost: 32, for: 2min`, 'queue > 28 and <= 32'],
  [`${METRIC}, of: increase, atMost: 0, for: 60s`, 'the increase of queue <= 0'],
  [`${METRIC}, of: rate, below: 0.5, for: 60s`, 'the rate of queue a second < 0.5'],
  [`${JSON_OF}, equals: true, within: 60s`, '$.rounds = true'],
  [`${JSON_OF}, of: increase, atLeast: 3, within: 60s`, 'the increase of $.rounds >= 3'],
])('%s asks for %s', async (text, wanted) => {
  const probe = await load(text);
  expect(probe && probeKinds[probe.kind].wanted(probe)).toBe(wanted);
});

test.each([
  [`${FORECAST}, offAtMost: 100%`, 'can never be exceeded'],
  [`${FORECAST.replace('budget_spent', "'5xx'")}, offAtMost: 25%`, 'a series is its name'],
  [METRIC, 'a reading needs a bound'],
  [`${METRIC}, atMost: 1`, 'say either `within: 60s` or `for: 60s`'],
  [`${METRIC}, atMost: 1, within: 1s, for: 1s`, 'say either `within: 60s` or `for: 60s`'],
  [`${METRIC}, atMost: 1, below: 1, for: 1s`, 'below and atMost are one bound'],
  [`${METRIC}, atLeast: 3, atMost: 1, for: 1s`, 'no number lies between these bounds'],
  [`${METRIC}, above: 1, atMost: 1, for: 1s`, 'no number lies between these bounds'],
  [`${METRIC}, equals: 1, atMost: 1, for: 1s`, 'equals is a bound of its own'],
  [
    `${METRIC}, of: increase, atMost: 0, within: 9s`,
    'nothing has increased at first, so that this holds at once',
  ],
  [`${METRIC}, of: rate, atLeast: 1, within: 9s`, 'a rate needs its whole time'],
  [`${METRIC}, query: up, atMost: 0, for: 9s`, 'say either `metric:` or `query:`'],
  [`${METRIC.replace('queue', "'queue{a=1}'")}, atMost: 0, for: 9s`, 'a label is written label="value"'],
  [`${METRIC.replace('queue', "'5xx'")}, atMost: 0, for: 9s`, 'a series is its name, with labels in braces'],
  [`${METRIC.replace('http:', 'ftp:')}, atMost: 0, for: 9s`, 'must be an http or https URL'],
  [
    `${METRIC.replace('metric: queue', 'query: up')}, of: rate, atMost: 0, for: 9s`,
    'a query says itself what it counts',
  ],
  [`${JSON_OF}, of: increase, equals: text, for: 9s`, 'only numbers increase'],
  [`${JSON_OF.replace('$.rounds', "'$.a['")}, equals: 1, for: 9s`, 'this is no JSON path'],
  [`${JSON_OF.replace('$.rounds', 'rounds')}, equals: 1, for: 9s`, 'this is no JSON path'],
  [`${METRIC}, atmost: 0, for: 9s`, 'did you mean "atMost"?'],
  [`${METRIC}, atMost: 0, for: 9s, after: lost`, 'is no fault of this drill'],
])('%s is refused: %s', async (text, message) => {
  await expect(load(text)).rejects.toThrow(message);
});

test('a selector: labels that are, and that are not; escapes as on a page', () => {
  expect(parseMetricSelector(String.raw`a:b_total{x="1,}\"\\\n", y!="z",}`)).toEqual({
    name: 'a:b_total',
    labels: [
      { label: 'x', is: true, value: '1,}"\\\n' },
      { label: 'y', is: false, value: 'z' },
    ],
  });
});
