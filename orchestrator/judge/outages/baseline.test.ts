import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failureKind, upperShare, withoutUsualFailures } from './baseline.ts';
import { createEventLog, type RequestLog } from './event-log.ts';
import { findOutages, measureRhythm, type OutageSpan } from './outages.ts';

const AT = 1_700_000_000_000;
const STEADY = { from: Number.NEGATIVE_INFINITY, to: AT + 20_000 };

/** A request every 10 ms for 40 s; how each one fails, or null. The fault goes in at 20 s. */
function logOf(failure: (second: number, index: number) => string | null): RequestLog {
  const events = createEventLog(AT);
  const stream = events.stream('load', 'GET /');
  for (let i = 0; i < 4000; i++) {
    const start = AT + i * 10;
    const kind = failure(i / 100, i);
    if (kind === null) events.good(stream, start, start + 2);
    else events.bad(stream, start, kind);
  }
  return [...events.logs()][0] as RequestLog;
}

function outagesIn(log: RequestLog): OutageSpan[] {
  const usual = withoutUsualFailures(log, STEADY);
  const rhythm = measureRhythm(usual, STEADY.from, STEADY.to);
  if (rhythm === null) throw new Error('no rhythm');
  return findOutages(usual, { from: STEADY.to, to: AT + 40_000 }, rhythm);
}

const isDown = (second: number) => second >= 20.2 && second < 21.3;
const lengthOf = (outage: OutageSpan | undefined) => (outage?.to ?? Number.NaN) - (outage?.from ?? 0);

test('an endpoint that answers 404 by design, before the fault as during it, is not down', () => {
  expect(outagesIn(logOf(() => 'HTTP 404'))).toEqual([]);
});

test('its outage is when it answers otherwise, or not at all, and ends with a 404', () => {
  for (const kind of ['error 1212', 'HTTP 503']) {
    const outages = outagesIn(logOf((second) => (isDown(second) ? kind : 'HTTP 404')));
    expect(outages).toHaveLength(1);
    expect(Math.abs(lengthOf(outages[0]) - 1100)).toBeLessThanOrEqual(10);
    expect(outages[0]?.recoveredAt).not.toBeNull();
  }
});

test('where nearly every answer is a 404, one more of them is nothing; the failures of a flaky one stay failures', () => {
  const mostly = (_second: number, i: number) => (i % 25 === 0 ? null : 'HTTP 404');
  expect(outagesIn(logOf((second, i) => (second > 22 ? 'HTTP 404' : mostly(second, i))))).toEqual([]);
  const answersOf = (log: RequestLog) => withoutUsualFailures(log, STEADY).goodEnd.length;
  expect(answersOf(logOf(mostly))).toBe(4000);
  expect(answersOf(logOf((_second, i) => (i % 20 === 0 ? 'HTTP 500' : null)))).toBe(3800);
});

test('5 % flaky: the 14 s after the fault are no downtime, its 1.1 s are', () => {
  const flaky = (_second: number, i: number) => ((i * 7919) % 20 === 0 ? 'HTTP 500' : null);
  expect(outagesIn(logOf(flaky))).toEqual([]);
  const outages = outagesIn(logOf((second, i) => (isDown(second) ? 'HTTP 500' : flaky(second, i))));
  expect(outages).toHaveLength(1);
  expect(Math.abs(lengthOf(outages[0]) - 1100)).toBeLessThanOrEqual(60);
  const refused = outagesIn(logOf((second, i) => (isDown(second) ? 'error 1212' : flaky(second, i))));
  expect(Math.abs(lengthOf(refused[0]) - 1100)).toBeLessThanOrEqual(10);
});

test('two outages stay two, and a third of the requests is enough of one', () => {
  const flaky = (i: number) => ((i * 7919) % 20 === 0 ? 'HTTP 500' : null);
  const twice = logOf((second, i) => (isDown(second) || isDown(second - 8) ? 'HTTP 500' : flaky(i)));
  expect(outagesIn(twice)).toHaveLength(2);
  const third = logOf((second, i) => (second >= 22 && second < 25 && i % 3 === 0 ? 'HTTP 500' : flaky(i)));
  expect(Math.abs(lengthOf(outagesIn(third)[0]) - 3000)).toBeLessThanOrEqual(400);
});

test('a way to fail that the steady phase has not seen is never explained', () => {
  const log = logOf((second, i) =>
    second > 20 && i === 2500 ? 'HTTP 503' : i % 20 === 0 ? 'HTTP 500' : null,
  );
  expect(outagesIn(log)).toHaveLength(1);
});

test('without failures before the fault the log stays what it is', () => {
  const log = logOf((second) => (isDown(second) ? 'HTTP 500' : null));
  expect(withoutUsualFailures(log, STEADY)).toBe(log);
});

test('chance alone hardly ever looks like an outage, at whatever share', () => {
  let alarms = 0;
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 0.9, noNaN: true }), fc.integer(), (share, seed) => {
      let state = seed;
      const random = () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
        return (state >>> 0) / 2 ** 32;
      };
      if (outagesIn(logOf(() => (random() < share ? 'HTTP 500' : null))).length > 0) alarms += 1;
    }),
    { numRuns: 60 },
  );
  // Of silences there are a few, in runs of failures; of failures one in a thousand runs.
  expect(alarms).toBeLessThanOrEqual(3);
});

test('a failure is known by its status, or by the code of k6 where there was no answer', () => {
  expect(failureKind({ status: '503', error_code: '1503' })).toBe('HTTP 503');
  expect(failureKind({ status: '0', error_code: '1212' })).toBe('error 1212');
  expect(failureKind({})).toBe('no answer');
});

test('the share that is assumed is larger than what was seen, and not by much where much was', () => {
  expect(upperShare(50, 1000)).toBeGreaterThan(0.05);
  expect(upperShare(50, 1000)).toBeLessThan(0.07);
  expect(upperShare(10, 10)).toBeLessThanOrEqual(1);
});
