import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseMetricSelector } from '../../../chaos/fields/metric-selector.ts';
import type { ReadingSource } from '../../../chaos/probes/kind.ts';
import { now } from '../../clock.ts';
import { createHttpClient } from '../http-client.ts';
import { readSource } from './read-source.ts';

const http = createHttpClient();
let answer = { status: 200, body: '' };
let asked = '';
const server = createServer((request, response) => {
  asked = request.url ?? '';
  response.writeHead(answer.status).end(answer.body);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  await http.close();
  server.close();
});
const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

const read = async (source: ReadingSource, body: string, status = 200) => {
  answer = { status, body };
  try {
    const reading = await readSource(http, source, AbortSignal.timeout(5_000));
    return 'value' in reading ? reading.value : Object.values(reading.numbers);
  } catch (error) {
    return (error as Error).message;
  }
};
const page = (text: string, body: string, { sum = false, status = 200 } = {}) =>
  read(
    { kind: 'page', url: url(), selector: parseMetricSelector(text), sum, staleAfterMs: 60_000 },
    body,
    status,
  );

const PAGE = `# HELP jobs_total Jobs
# TYPE jobs_total counter
jobs_total{outcome="done",path="/a,b}"} 12
jobs_total{outcome="failed",path="C:\\\\x \\"y\\""} 3 # {trace_id="1"} 1
queue 1.5e3
queue_total 7
broken NaN
endless +Inf
old 4 1000
`;

test.each([
  ['queue', [1500]],
  ['jobs_total{outcome="done"}', [12]],
  ['jobs_total{outcome!="done"}', [3]],
  ['jobs_total{path="C:\\\\x \\"y\\""}', [3]],
  ['jobs_total{outcome="lost"}', 'the page has no series jobs_total{outcome="lost"}'],
  ['job', 'the page has no series job'],
  ['jobs_total', '2 series fit jobs_total: name labels that tell one, or say `sum: true`'],
  ['broken', 'the page says NaN, which is no number to compare'],
  ['endless', 'the page says Infinity, which is no number to compare'],
])('on a page, %s is %j', async (text, value) => {
  expect(await page(text, PAGE)).toEqual(value);
});

test('what else the format allows: tabs, spaces, names in quotes, times before the epoch', async () => {
  const odd =
    '\t# a comment\nqueue\t 3\n{"jobs.done",kind="a}b"} 4\nlate{ a = "1" , "b.c" = "2", } 5\nweird{p="x"} 6 -3982045\nglued{a="1"}7\n';
  expect(await page('queue', odd)).toEqual([3]);
  expect(await page('jobs.done{kind="a}b"}', odd)).toEqual([4]);
  expect(await page('late{a="1",b.c="2"}', odd)).toEqual([5]);
  expect(await page('weird', odd)).toMatch(/old$/);
  expect(await page('glued', odd)).toEqual([7]);
});

test('several series, where they are to be added up; of a broken one nothing is known', async () => {
  expect(await page('jobs_total', PAGE, { sum: true })).toEqual([12, 3]);
  expect(await page('x', 'x{a="1"} 1\nx{a="2"} NaN\n', { sum: true })).toContain('NaN');
  expect(await page('x', 'x{a="1"} 1\nx{a="1"} 2\n', { sum: true })).toContain('twice');
});

test('what is counted: a page without the series is a reading, and when its process started', async () => {
  const count = async (body: string) => {
    answer = { status: 200, body };
    const selector = parseMetricSelector('jobs_total{outcome="lost"}');
    const source = { kind: 'page', url: url(), selector, sum: false, staleAfterMs: 60_000 } as const;
    return readSource(http, source, AbortSignal.timeout(5_000), { counts: true });
  };
  const absent = 'the page has no series jobs_total{outcome="lost"}';
  expect(await count(PAGE)).toEqual({ numbers: {}, absent });
  const started = 'process_start_time_seconds{app="x"} 1.7e+09\n';
  expect(await count(PAGE + started)).toEqual({ numbers: {}, absent, startedAt: 1.7e12 });
  expect(await count(`${started}jobs_total{outcome="lost"} 2\n`)).toMatchObject({ startedAt: 1.7e12 });
  // Of several processes, as on a page that gathers others, it is not known whose counter it is.
  expect(await count(`${PAGE + started}process_start_time_seconds 2\n`)).toEqual({ numbers: {}, absent });
  for (const body of ['<!doctype html>', '{"status":"up"}', '']) await expect(count(body)).rejects.toThrow();
});

test('a sample that is old by its own word is none', async () => {
  expect(await page('old', PAGE)).toMatch(/^the sample is .* old$/);
  expect(await page('x', `x 4 ${Math.round(now())}\n`)).toEqual([4]);
  // OpenMetrics counts in seconds.
  expect(await page('x', `x 4 ${now() / 1000}\n# EOF\n`)).toEqual([4]);
  expect(await page('x', 'x 4 1000.5\n# EOF\n')).toMatch(/old$/);
});

test.each([
  ['<!doctype html><html>', 'this is no page of metrics, it has the line "<!doctype html>'],
  ['{"status":"up"}', 'this is no page of metrics'],
  ['Hello World\n', 'this is no page of metrics'],
  ['queue 1\nqueue two\n', 'this is no page of metrics, it has the line "queue two"'],
  ['', 'the page holds no metrics'],
  ['# HELP queue Length\n', 'the page holds no metrics'],
])('%j is told to be none', async (body, message) => {
  expect(await page('queue', body)).toContain(message);
});

test.each([204, 301, 401, 404, 500, 503])('a page that answers %i is none', async (status) => {
  expect(await page('queue', PAGE, { status })).toBe(`answered ${status}`);
});

const json = (path: string, body: string, status = 200) =>
  read({ kind: 'json', url: url(), path }, body, status);
const STATUS = JSON.stringify({
  rounds: 3,
  ok: true,
  name: 'x',
  none: null,
  checks: [{ name: 'db', up: false }, { name: 'cache' }],
});

test.each([
  ['$.rounds', [3]],
  ['$.ok', true],
  ['$.name', 'x'],
  ['$.checks[?@.name=="db"].up', false],
  ['$.lost', 'nothing in the answer is at $.lost'],
  ['$.checks[*].name', '2 values are at $.checks[*].name: one is needed'],
  ['$.none', '$.none is null'],
  ['$.checks', '$.checks is a list'],
  ['$', '$ is an object'],
])('in JSON, %s is %j', async (path, value) => {
  expect(await json(path, STATUS)).toEqual(value);
});

test('a service that is not well may still tell; a page that is not there does not', async () => {
  expect(await json('$.rounds', STATUS, 503)).toEqual([3]);
  expect(await json('$.rounds', STATUS, 404)).toBe('answered 404');
  expect(await json('$.rounds', '<html>', 502)).toBe('the answer is not JSON: it begins with "<html>"');
  expect(await json('$.rounds', '', 200)).toBe('the answer is not JSON: it is empty');
});

const promql = (body: unknown, status = 200) =>
  read(
    { kind: 'promql', url: `${url()}prom/`, query: 'sum(up) > 0', staleAfterMs: 30_000 },
    JSON.stringify(body),
    status,
  );
const vector = (...values: [number, string][]) => ({
  status: 'success',
  data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value })) },
});

test('a query: one number, asked with the largest age of a sample', async () => {
  expect(await promql(vector([now() / 1000, '2.5']))).toEqual([2.5]);
  expect(asked).toBe('/prom/api/v1/query?query=sum%28up%29+%3E+0&lookback_delta=30s');
  expect(
    await promql({ status: 'success', data: { resultType: 'scalar', result: [now() / 1000, '1'] } }),
  ).toEqual([1]);
});

test.each([
  [vector(), 'the query gives no data'],
  [
    vector([now() / 1000, '1'], [now() / 1000, '2']),
    'the query gives 2 series: add them up with sum(), or name labels',
  ],
  [vector([now() / 1000, 'NaN']), 'the result is NaN, which is no number to compare'],
  [vector([now() / 1000, '+Inf']), 'the result is +Inf, which is no number to compare'],
  [vector([now() / 1000 - 3600, '1']), 'the result is of 1 h ago'],
  [
    { ...vector([now() / 1000, '1']), warnings: ['a store is away'] },
    'the result is not whole: a store is away',
  ],
  [
    { status: 'success', data: { resultType: 'matrix', result: [] } },
    'the query gives a matrix: ask for one number',
  ],
  [{ status: 'error', errorType: 'bad_data', error: 'parse error' }, 'the query was refused: parse error'],
  [{ status: 'success' }, 'answered 200, and not as the query API of Prometheus does'],
  ['<html>', 'answered 200, and not as the query API of Prometheus does'],
])('%j is no number', async (body, message) => {
  expect(await promql(body)).toContain(message);
});

test('a refused connection is told', async () => {
  const source = { kind: 'json', url: 'http://127.0.0.1:1/', path: '$.a' } as const;
  await expect(readSource(http, source, AbortSignal.timeout(5_000))).rejects.toThrow(
    'refused the connection',
  );
});
