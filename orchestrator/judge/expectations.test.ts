import { expect, test } from 'vitest';
import type { ReceivedAlert } from '../journal/events.ts';
import { lostTimeOf } from '../machine/lost-time.ts';
import { faultAdvice, MACHINE_ADVICE } from './advice.ts';
import { AT, alert, iso, judge, outage, times } from './fixtures/judged-fault.ts';
import type { FaultInput } from './impact.ts';
import type { OutageSpan } from './outages/outages.ts';

test('detection is the arrival of the first firing alert for the component, after the injection', () => {
  const alerts = [
    alert(AT - 5),
    alert(AT + 700, 'other'),
    alert(AT + 750, 'gateway', 'resolved'),
    alert(AT + 900),
    alert(AT + 800),
  ];
  const result = judge({ times: times({ detectWithin: 1000 }), alerts });
  expect(result.detectedAt).toBe(iso(AT + 800));
  expect(result.expectations).toEqual([
    { name: 'detectWithin', target: '1 s', measured: '800 ms', result: 'PASS' },
  ]);
  expect(judge({ times: times({ detectWithin: 700 }), alerts }).result).toBe('FAIL');
});

test('an alert about an incident from before the injection, repeated after it, is no detection', () => {
  const repeated = { ...alert(AT + 700), startsAt: iso(AT - 30_000) };
  const own = { ...alert(AT + 900), startsAt: iso(AT + 600) };
  const unset = { ...alert(AT + 800), startsAt: '0001-01-01T00:00:00Z' };
  const detectedAt = (alerts: ReceivedAlert[]) =>
    judge({ times: times({ detectWithin: 1000 }), alerts }).detectedAt;
  expect(detectedAt([repeated])).toBeNull();
  expect(detectedAt([repeated, own])).toBe(iso(AT + 900));
  expect(detectedAt([repeated, unset])).toBe(iso(AT + 800));
});

test('an alert that never came is a failure; without a receiver nothing is known', () => {
  expect(judge({ times: times({ detectWithin: 1000 }) }).result).toBe('FAIL');
  expect(judge({ times: times({ detectWithin: 1000 }), receivesAlerts: false }).result).toBe('INVALID');
});

test('an alert that had time left when the watch was over is not known to be missing', () => {
  const early = judge({ times: times({ detectWithin: 30_000 }), alertsUntil: AT + 5_000 });
  expect(early.expectations).toEqual([
    {
      name: 'detectWithin',
      target: '30 s',
      measured: 'not seen in 5 s, then the watch ended',
      result: 'INVALID',
    },
  ]);
  const whole = judge({ times: times({ detectWithin: 5_000 }), alertsUntil: AT + 5_000 });
  expect(whole.expectations[0]?.result).toBe('FAIL');
});

test('a fault that lasts on while the next one goes in is not known to be recovered from, or to have done little', () => {
  const lasting = times({ recoverWithin: 2000, downtimeBelow: 1000 }, { endedAt: AT + 30_000 });
  const fault = { ...lasting.fault, kind: 'freeze', for: 30_000 } as never;
  const meanwhile = { times: { ...lasting, fault }, windowEnd: AT + 5_000, outages: [], failedRequests: 0 };
  const result = judge(meanwhile);
  expect(result.expectations.map((row) => row.result)).toEqual(['INVALID', 'INVALID']);
  expect(result.reason).toContain('before it had ended the next fault went in, or the load was over');
  expect(judge({ ...meanwhile, windowEnd: AT + 40_000 }).result).toBe('PASS');
  // What it had done by then is enough to break a promise.
  expect(judge({ ...meanwhile, outages: [outage] }).expectations[1]?.result).toBe('FAIL');
});

test('a kill is watched for as long as what it promises, or to its end', () => {
  const promised = (watchedMs: number, endedAfterMs = 15_000) =>
    judge({
      times: times({ recoverWithin: 2_000, downtimeBelow: 1_000 }, { endedAt: AT + endedAfterMs }),
      windowEnd: AT + watchedMs,
      outages: [],
      failedRequests: 0,
    }).expectations.map(({ result }) => result);
  expect(promised(100)).toEqual(['INVALID', 'INVALID']);
  expect(promised(1_500)).toEqual(['INVALID', 'PASS']);
  expect(promised(2_500)).toEqual(['PASS', 'PASS']);
  expect(promised(500, 400)).toEqual(['PASS', 'PASS']);
});

test('where alerts were refused meanwhile, nobody knows whether the one that was waited for came', () => {
  const refused = (at: number) =>
    judge({ times: times({ detectWithin: 1000 }), refusedAlerts: [{ at, reason: 'the body is not JSON' }] });
  expect(refused(AT + 500)).toMatchObject({
    result: 'INVALID',
    reason: expect.stringContaining('alerts arrived and were refused (the body is not JSON)'),
  });
  expect(refused(AT - 500).result).toBe('FAIL');
  expect(refused(AT + 20_000).result).toBe('FAIL');
  expect(
    judge({
      times: times({ detectWithin: 1000 }),
      alerts: [alert(AT + 800)],
      refusedAlerts: [{ at: AT + 1, reason: '' }],
    }).result,
  ).toBe('PASS');
});

test('a bound of time is kept when it is met to the millisecond, a bound of requests is not', () => {
  const on = (expectations: object, change: Partial<FaultInput> = {}) =>
    judge({ times: times(expectations), ...change }).expectations[0]?.result;
  expect(on({ detectWithin: 800 }, { alerts: [alert(AT + 800)] })).toBe('PASS');
  expect(on({ recoverWithin: 1501 })).toBe('PASS');
  expect(on({ recoverWithin: 1500 })).toBe('FAIL');
  expect(on({ failedRequestsBelow: 301 })).toBe('PASS');
  expect(on({ failedRequestsBelow: 300 })).toBe('FAIL');
  expect(on({ downtimeBelow: 1501 })).toBe('PASS');
  expect(on({ downtimeBelow: 1493 })).toBe('FAIL');
});

test('where single requests were not kept to the end, a bound that seems to be kept is not known to be', () => {
  const on = (expectations: object) =>
    judge({ times: times(expectations), keptUntil: AT + 9_000 }).expectations[0];
  expect(on({ recoverWithin: 1600 })).toMatchObject({
    measured: 'not known: not watched to the end',
    result: 'INVALID',
  });
  expect(on({ recoverWithin: 1400 })?.result).toBe('FAIL');
  expect(on({ downtimeBelow: 1600 })).toMatchObject({
    measured: 'at least 1.5 s, not watched to the end',
    result: 'INVALID',
  });
  expect(on({ downtimeBelow: 1400 })?.result).toBe('FAIL');
});

test('clocks of several runners blur what lies close to a bound, an outage at both of its ends', () => {
  const on = (expectations: object) =>
    judge({ times: times(expectations, { clockPlusMinusMs: 20 }) }).expectations[0]?.result;
  expect(on({ recoverWithin: 1520 })).toBe('INVALID');
  expect(on({ recoverWithin: 1522 })).toBe('PASS');
  expect(on({ downtimeBelow: 1535 })).toBe('INVALID');
  expect(on({ downtimeBelow: 1545 })).toBe('PASS');
});

test('recovery counts from the injection, for a fault that lasts from its end', () => {
  expect(judge({ times: times({ recoverWithin: 1600 }) }).result).toBe('PASS');
  expect(judge({ times: times({ recoverWithin: 1400 }) }).result).toBe('FAIL');
  const lasting = times({ recoverWithin: 100 });
  const fault = { ...lasting.fault, kind: 'freeze', for: 1400 } as never;
  const removed = { ...lasting, fault, endedAt: AT + 1450 };
  expect(judge({ times: removed }).expectations[0]).toMatchObject({ measured: '61 ms', result: 'PASS' });
});

test('no request failed: recovery and downtime are kept', () => {
  const result = judge({
    times: times({ recoverWithin: 1000, downtimeBelow: 1000 }),
    outages: [],
    failedRequests: 0,
  });
  expect(result.expectations.map((e) => [e.measured, e.result])).toEqual([
    ['no request failed', 'PASS'],
    ['no request failed', 'PASS'],
  ]);
  expect(result).toMatchObject({
    downtimeMs: 0,
    firstBadAt: null,
    recoveredAt: null,
    reason: 'no request failed',
  });
});

test('nothing was due: nothing is known', () => {
  const expectations = { recoverWithin: 1000, downtimeBelow: 1000, failedRequestsBelow: 5 };
  const result = judge({ times: times(expectations), outages: [], requests: 0, failedRequests: 0 });
  expect(result.expectations.map((e) => e.result)).toEqual(['INVALID', 'INVALID', 'INVALID']);
});

test('an outage whose end was not seen: broken if the time is up, unknown if the watch was too short', () => {
  const open = { ...outage, to: null, recoveredAt: null, lastBadAt: AT + 20_000, goodSince: 0 };
  const on = (expectations: object) =>
    judge({ times: times(expectations), outages: [open] }).expectations[0]?.result;
  expect(on({ recoverWithin: 10_000 })).toBe('FAIL');
  expect(on({ recoverWithin: 30_000 })).toBe('INVALID');
  expect(on({ downtimeBelow: 10_000 })).toBe('FAIL');
  expect(on({ downtimeBelow: 30_000 })).toBe('INVALID');
});

test('a failure on its own, when the target had served well since the injection, is no late recovery', () => {
  const late = { ...outage, from: AT + 9000, to: AT + 9010, firstBadAt: AT + 9005, recoveredAt: AT + 9010 };
  const on = (outages: OutageSpan[]) =>
    judge({ times: times({ recoverWithin: 2000 }), outages }).expectations[0]?.result;
  expect(on([{ ...late, failures: 2, badEvents: 2 }])).toBe('PASS');
  // One more failure, earlier or later, must not turn what failed into what passes.
  expect(on([{ ...late, failures: 3, badEvents: 3 }])).toBe('FAIL');
  expect(on([outage, { ...late, failures: 3, badEvents: 3 }])).toBe('FAIL');
  expect(on([{ ...late, failures: 1, badEvents: 2, silentMs: 900 }])).toBe('FAIL');
});

test('few good answers since the last bad one are too little evidence, and no broken promise', () => {
  // One request in 5 s: bad at 3 s, good at 8 s and 13 s, and then the watch ends.
  const rare = { ...outage, to: null, recoveredAt: null, lastBadAt: AT + 3000, goodSince: 2 };
  const on = (expectations: object, change: Partial<OutageSpan> = {}) =>
    judge({ times: times(expectations), outages: [{ ...rare, ...change }] }).expectations[0];
  expect(on({ recoverWithin: 10_000 })).toMatchObject({
    measured: '2 good GET / since the last bad one: too few to tell',
    result: 'INVALID',
  });
  // Its time was not up yet when the watch ended.
  expect(on({ recoverWithin: 30_000 })?.measured).toMatch(/^not seen in .*, then the watch ended$/);
  // It was bad after its time was up: that is enough.
  expect(on({ recoverWithin: 2900 })).toMatchObject({ measured: 'not within 2.99 s', result: 'FAIL' });
  expect(on({ recoverWithin: 2990 })?.result).toBe('INVALID');
  expect(on({ downtimeBelow: 10_000 })).toMatchObject({ result: 'INVALID' });
  expect(on({ downtimeBelow: 2900 })).toMatchObject({ result: 'FAIL' });
});

test('a downtime of which less than the bound was seen is not broken: the rest is the gap between two requests', () => {
  const rare = { ...outage, from: AT + 500, firstBadAt: AT + 3000, lastBadAt: AT + 3000, to: AT + 5500 };
  const on = (downtimeBelow: number) =>
    judge({ times: times({ downtimeBelow }), outages: [rare] }).expectations[0];
  expect(on(5001)).toMatchObject({ measured: '5 s', result: 'PASS' });
  expect(on(4000)).toMatchObject({
    measured: '5 s, of which 0 ms were seen: too few requests to tell',
    result: 'INVALID',
  });
});

/** Everything was served from the injection on, but for one silence of 1.9 s, 11 s later. */
const silence: OutageSpan = {
  ...outage,
  from: AT + 11_000,
  to: AT + 12_900,
  firstBadAt: AT + 11_020,
  lastBadAt: AT + 12_900,
  recoveredAt: AT + 12_900,
  failures: 0,
  badEvents: 1,
  silentMs: 1900,
};
const stoodStill = (from: number, to: number) =>
  lostTimeOf([{ from: AT + from, to: AT + to, lostMs: to - from, cause: 'late' }]);
const asked = { recoverWithin: 8000, downtimeBelow: 1500 };
const verdictOf = (change: Partial<FaultInput>) => {
  const served = { outages: [silence], failedRequests: 0, times: times(asked) };
  const { result, expectations } = judge({ ...served, noticed: ['x'], ...change });
  return [result, ...expectations.map((row) => row.result)];
};

test.each<[string, Partial<FaultInput>, string[]]>([
  ['an idle machine excuses nothing', { lost: lostTimeOf([]) }, ['FAIL', 'FAIL', 'FAIL']],
  ['nor one that was not watched', {}, ['FAIL', 'FAIL', 'FAIL']],
  [
    'the silence is the machine standing still',
    { lost: stoodStill(11_000, 12_900) },
    ['INVALID', 'INVALID', 'INVALID'],
  ],
  ['the machine stood still at another time', { lost: stoodStill(2_000, 3_900) }, ['FAIL', 'FAIL', 'FAIL']],
  [
    'for too short a time: a second of it is the target’s own',
    { lost: stoodStill(11_000, 11_900) },
    ['FAIL', 'FAIL', 'INVALID'],
  ],
  [
    'a failed request is never excused',
    { lost: stoodStill(11_000, 12_900), outages: [{ ...silence, failures: 3 }], failedRequests: 3 },
    ['FAIL', 'FAIL', 'FAIL'],
  ],
  [
    'nobody passes by it',
    { lost: stoodStill(11_000, 12_900), times: times({ downtimeBelow: 2500 }) },
    ['PASS', 'PASS'],
  ],
])('a silence after a fault: %s', (_, change, expected) => {
  expect(verdictOf(change)).toEqual(expected);
});

test('says when the machine stood still, and what to do about it', () => {
  const lost = stoodStill(11_000, 12_900);
  const result = judge({
    outages: [silence],
    failedRequests: 0,
    noticed: ['x'],
    lost,
    times: times({ recoverWithin: 8000 }),
  });
  expect(result.reason).toContain('the machine that generated the load stood still for 1.9 s at ');
  expect(faultAdvice(result)).toBe(MACHINE_ADVICE);
});
