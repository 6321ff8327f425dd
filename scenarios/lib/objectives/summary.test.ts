import { beforeEach, expect, test, vi } from 'vitest';
import type { Objective } from '../../../thresholds/objective.ts';
import { toK6 } from './k6-thresholds.ts';
import { renderSummary, summaryRows } from './summary.ts';
import type { K6Metric, K6Summary } from './types.ts';

beforeEach(() => {
  vi.stubGlobal('__ENV', {});
  vi.stubGlobal('__VU', 0);
});

const objective: Objective = { name: 'gateway.latency.p95', percentile: 95, below: '100ms' };
const metric = 'http_req_duration{expected_response:true}';
const requests = 'http_reqs{expected_response:true}';

function request(overrides: object = {}) {
  return { scenario: 'spike', translated: [toK6(objective)], openLoop: false, ...overrides };
}

function summary(metrics: Record<string, K6Metric>): K6Summary {
  return { state: { testRunDurationMs: 10_000 }, metrics };
}

test('an objective that is met is PASS, one that is missed FAIL, both with measurement and samples', () => {
  const data = (ok: boolean) =>
    summary({
      [metric]: { values: { 'p(95)': ok ? 42 : 142 }, thresholds: { 'p(95)<100': { ok } } },
      [requests]: { values: { count: 500 } },
    });
  expect(summaryRows(request(), data(true))).toEqual([
    {
      objective: 'gateway.latency.p95',
      target: 'p95 < 100ms',
      measured: 42,
      samples: 500,
      result: 'PASS',
      reason: '',
    },
  ]);
  expect(summaryRows(request(), data(false))[0]).toMatchObject({ measured: 142, result: 'FAIL' });
});

test('k6 passes a threshold without samples: here it is INVALID, with nothing measured', () => {
  const data = summary({
    [metric]: { values: { 'p(95)': 0 }, thresholds: { 'p(95)<100': { ok: true } } },
    [requests]: { values: { count: 0 } },
  });
  expect(summaryRows(request(), data)[0]).toMatchObject({ measured: null, samples: 0, result: 'INVALID' });
  expect(summaryRows(request(), summary({}))[0]).toMatchObject({ measured: null, result: 'INVALID' });
});

test('too few samples are INVALID and say how many are needed', () => {
  const data = summary({
    [metric]: { values: { 'p(95)': 42 }, thresholds: { 'p(95)<100': { ok: true } } },
    [requests]: { values: { count: 199 } },
  });
  expect(summaryRows(request(), data)[0]).toMatchObject({
    result: 'INVALID',
    reason: '200 samples are needed',
  });
});

test('one singer of fifty, and one service of two, prove nothing about the others', () => {
  const counter: Objective = { name: 'c', counter: 'c', equals: 0 };
  const data = (sum: number, samples: number, ofB: number) =>
    summary({
      c: { values: { count: sum }, thresholds: { 'count==0': { ok: sum === 0 } } },
      c_samples: { values: { count: samples } },
      'c_samples{service:a}': { values: { count: samples - ofB } },
      'c_samples{service:b}': { values: { count: ofB } },
    });
  const singers = request({ translated: [toK6(counter, { due: { c: 50 } })] });
  expect(summaryRows(singers, data(0, 49, 0))).toMatchObject([
    { result: 'INVALID', reason: '50 samples are needed' },
  ]);
  expect(summaryRows(singers, data(0, 50, 0))).toMatchObject([{ result: 'PASS' }]);
  const services = request({
    translated: [toK6(counter, { due: { c: { tag: 'service', values: ['a', 'b'] } } })],
  });
  expect(summaryRows(services, data(0, 9, 0))).toMatchObject([
    { result: 'INVALID', reason: 'no sample of service b' },
  ]);
  expect(summaryRows(services, data(0, 9, 3))).toMatchObject([{ result: 'PASS' }]);
  // An objective that was seen to be missed stays missed.
  expect(summaryRows(singers, data(2, 1, 0))).toMatchObject([{ result: 'FAIL' }]);
  expect(summaryRows(services, data(2, 9, 0))).toMatchObject([{ result: 'FAIL' }]);
});

test('if something that was due is still open, the row is INVALID, whatever was counted', () => {
  const counter: Objective = { name: 'lost', counter: 'lost', equals: 0, open: 'unread' };
  const writes = request({ translated: [toK6(counter, { due: { lost: 2 } })] });
  const rows = (lost: number, samples: number, unread: number, counted = 1) =>
    summaryRows(
      writes,
      summary({
        lost: { values: { count: lost }, thresholds: { 'count==0': { ok: lost === 0 } } },
        lost_samples: { values: { count: samples } },
        unread: { values: { count: unread } },
        unread_samples: { values: { count: counted } },
      }),
    );
  expect(rows(0, 9, 0)).toMatchObject([{ result: 'PASS' }]);
  expect(rows(0, 9, 1)).toMatchObject([{ result: 'INVALID', reason: '1 that were due are missing' }]);
  expect(rows(0, 9, -1)).toMatchObject([{ result: 'INVALID', reason: '1 more were seen than were due' }]);
  expect(rows(0, 9, 0, 0)).toMatchObject([{ result: 'INVALID', reason: 'no sample of unread' }]);
  expect(rows(0, 1, 0)).toMatchObject([{ result: 'INVALID', reason: '2 samples are needed' }]);
  // An objective that was seen to be missed stays missed.
  expect(rows(1, 9, 1)).toMatchObject([{ result: 'FAIL' }]);
});

test('an event that did not occur is not measured if somebody has looked, and INVALID if nobody has', () => {
  const occasional = { 'gateway.latency.p95': { looked: 'looks', reason: 'nothing happened' } };
  const row = (looks: number) => {
    const data = summary({
      [metric]: { values: { 'p(95)': 0 }, thresholds: { 'p(95)<100': { ok: true } } },
      looks: { values: { count: looks } },
    });
    return summaryRows(request({ occasional }), data)[0];
  };
  expect(row(1)).toMatchObject({ measured: null, result: 'not measured', reason: 'nothing happened' });
  expect(row(0)).toMatchObject({ measured: null, result: 'INVALID' });
});

test('a dropped iteration of an open loop fails the generator’s own row', () => {
  const data = (dropped: number) =>
    summary({ dropped_iterations: { values: { count: dropped } }, iterations: { values: { count: 90 } } });
  const rows = (dropped: number) => summaryRows(request({ translated: [], openLoop: true }), data(dropped));
  expect(rows(0)).toMatchObject([{ objective: 'generator.dropped-iterations', result: 'PASS', samples: 90 }]);
  expect(rows(10)).toMatchObject([{ result: 'FAIL', measured: 10, samples: 100 }]);
  expect(summaryRows(request({ translated: [], openLoop: true }), summary({}))).toMatchObject([
    { result: 'INVALID' },
  ]);
});

test('an objective that the load cannot measure is listed with the reason, and never as met', () => {
  const rows = summaryRows(
    request({ translated: [], notMeasured: [{ name: 'gateway.throughput', reason: 'only 300/s' }] }),
    summary({}),
  );
  expect(rows).toMatchObject([
    { objective: 'gateway.throughput', result: 'not measured', reason: 'only 300/s' },
  ]);
});

test('the table names target, measurement, samples and result; the JSON holds the same rows', () => {
  vi.stubGlobal('__ENV', { SUMMARY_JSON: 'out.json' });
  const data = summary({
    [metric]: { values: { 'p(95)': 42.123 }, thresholds: { 'p(95)<100': { ok: true } } },
    [requests]: { values: { count: 500 } },
    http_reqs: { values: { count: 510 } },
    http_req_failed: { values: { passes: 10, rate: 10 / 510 } },
  });
  const { stdout, 'out.json': json } = renderSummary(request(), data);
  expect(stdout).toMatch(/gateway\.latency\.p95 +p95 < 100ms +42\.12ms +500 +PASS/);
  expect(stdout).toMatch(/all +510 +51\.0\/s .*1\.961%/);
  expect(JSON.parse(json ?? '').rows).toEqual(summaryRows(request(), data));
});
