import { expect, test } from 'vitest';
import type { RequestLog } from './event-log.ts';
import { chanceOf, noticedBy } from './notice.ts';

const STEADY = { from: 0, to: 20_000 };
const FAULT = { from: 20_000, to: 30_000 };

/** A request every `gapMs` for 40 s: how long it takes, or how it fails. */
function logOf(answer: (at: number, index: number) => number | string, gapMs = 10): RequestLog {
  const goods: [number, number][] = [];
  const bads: [number, string][] = [];
  for (let at = 0, i = 0; at < 40_000; at += gapMs, i++) {
    const said = answer(at, i);
    if (typeof said === 'number') goods.push([at + said, at]);
    else if (said !== '') bads.push([at, said]);
  }
  goods.sort((a, b) => a[0] - b[0]);
  const kinds = [...new Set(bads.map(([, kind]) => kind))];
  return {
    name: 'GET /',
    scenarios: ['load'],
    goodEnd: Float64Array.from(goods, ([end]) => end),
    goodStart: Float64Array.from(goods, ([, start]) => start),
    bad: Float64Array.from(bads, ([at]) => at),
    kinds: kinds.map((kind) => ({
      kind,
      at: Float64Array.from(
        bads.filter(([, own]) => own === kind),
        ([at]) => at,
      ),
    })),
  };
}

const isIn = (at: number) => at >= FAULT.from && at < FAULT.to;
const notices = (log: RequestLog, tests = 2) => noticedBy(log, STEADY, FAULT, tests);

test('a steady load notices nothing', () => {
  expect(notices(logOf((_at, i) => 2 + (i % 7)))).toEqual([]);
});

test('failures that the steady phase does not know', () => {
  expect(notices(logOf((at, i) => (isIn(at) && i % 100 === 0 ? 'HTTP 503' : 2)))).toEqual([
    '10 of 1000 GET / failed while it was in, 0 of 2000 before',
  ]);
  // One in a thousand can be chance: nothing is known of a steady phase with 2000 that would be rarer.
  expect(notices(logOf((at) => (at === 25_000 ? 'HTTP 503' : 2)))).toEqual([]);
});

test('an endpoint that fails as often as before notices nothing; one that fails more often, or otherwise, does', () => {
  const flaky = (_at: number, i: number) => (i % 20 === 0 ? 'HTTP 500' : 2);
  expect(notices(logOf(flaky))).toEqual([]);
  expect(notices(logOf((at, i) => (isIn(at) && i % 8 === 1 ? 'HTTP 500' : flaky(at, i))))).toHaveLength(1);
  const missing = () => 'HTTP 404';
  expect(notices(logOf(missing))).toEqual([]);
  expect(notices(logOf((at) => (isIn(at) ? 'error 1212' : missing())))).toEqual([
    '1000 of 1000 GET / failed (error 1212) while it was in, 0 of 2000 before',
  ]);
});

test('rare requests: three failures of three are noticed, of two they are not', () => {
  const every = (gapMs: number) =>
    notices(
      logOf((at) => (isIn(at) ? 'HTTP 503' : 2), gapMs),
      1,
    );
  expect(every(3300)).toHaveLength(1);
  expect(every(5000)).toEqual([]);
});

test('longer times: twice the slowest second of the steady phase, in half of the seconds', () => {
  const slow = (ms: number, share = 1) =>
    notices(logOf((at, i) => (isIn(at) && i % Math.round(1 / share) === 0 ? ms : 3)));
  expect(slow(83)).toEqual([
    'a quarter of GET / took 83 ms or longer while it was in, 3 ms at the most before',
  ]);
  expect(slow(8.1)).toHaveLength(1);
  expect(slow(7.9)).toEqual([]);
  // One replica of three.
  expect(slow(83, 1 / 3)).toHaveLength(1);
  expect(slow(83, 1 / 5)).toEqual([]);
});

test('where answers take longer anyway, the factor decides, and the slowest second is what counts', () => {
  const from20To = (ms: number) => notices(logOf((at) => (isIn(at) ? ms : 20)));
  expect(from20To(39)).toEqual([]);
  expect(from20To(42)).toHaveLength(1);
  const isSlowSecond = (at: number) => at >= 7_000 && at < 8_200;
  expect(notices(logOf((at) => (isIn(at) ? 42 : isSlowSecond(at) ? 30 : 20)))).toEqual([]);
});

test('the more is compared, the more it takes to be no chance', () => {
  const log = logOf((at, i) => (isIn(at) && i % 200 === 0 ? 'HTTP 503' : 2));
  expect(notices(log, 2)).toHaveLength(1);
  expect(notices(log, 1000)).toEqual([]);
});

test('one pause of a machine is no effect, nor is what the steady phase has had, too', () => {
  expect(notices(logOf((at) => (at >= 24_000 && at < 24_900 ? 24_900 - at + 2 : 2)))).toEqual([]);
  const pauses = (at: number) => (at % 5000 < 600 ? 600 - (at % 5000) + 2 : 2);
  expect(notices(logOf(pauses))).toEqual([]);
});

test('fewer answers count when they come back after the fault, not when the load ends', () => {
  const thin = (until: number) =>
    notices(logOf((at, i) => (at >= 20_000 && at < until && i % 3 > 0 ? '' : 2)));
  expect(thin(30_000)).toEqual([
    'less than half as many answers of GET / came while it was in as before and after',
  ]);
  expect(thin(40_000)).toEqual([]);
});

test('dropped iterations are noticed by their own name', () => {
  const log = {
    ...logOf((at, i) => (isIn(at) && i % 10 === 0 ? 'dropped' : 2)),
    name: 'dropped iterations of load',
  };
  expect(noticedBy(log, STEADY, FAULT, 2)).toEqual([
    '100 dropped iterations of load while it was in, 0 before',
  ]);
});

test('the chance is a bound on the binomial one', () => {
  const binomial = (count: number, of: number, p: number) => {
    let term = (1 - p) ** of;
    let below = 0;
    for (let k = 0; k < count; k++) {
      below += term;
      term *= (((of - k) / (k + 1)) * p) / (1 - p);
    }
    return 1 - below;
  };
  for (const [count, of, p] of [
    [1, 10, 0.1],
    [3, 3, 0.2],
    [7, 100, 0.02],
    [60, 1000, 0.05],
  ] as const) {
    expect(chanceOf(count, of, p)).toBeGreaterThanOrEqual(binomial(count, of, p) - 1e-9);
    expect(chanceOf(count, of, p)).toBeLessThanOrEqual(1);
  }
  expect(chanceOf(0, 10, 0.1)).toBe(1);
});
