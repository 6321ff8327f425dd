import { expect, test } from 'vitest';
import type { ReceivedAlert } from '../journal/events.ts';
import type { FaultTimes } from './fault-times.ts';
import { judgeFault } from './faults.ts';
import type { FaultInput } from './impact.ts';
import type { OutageSpan } from './outages/outages.ts';

const AT = 1_700_000_000_000;

function times(
  expectations: Partial<FaultTimes['fault']['expect']>,
  change: Partial<FaultTimes> = {},
): FaultTimes {
  return {
    fault: {
      name: 'f',
      kind: 'kill',
      component: 'gateway',
      at: 0,
      expect: expectations,
      params: {},
    } as never,
    targets: ['gateway-1'],
    seenIn: ['gone'],
    use: [],
    seenOut: [],
    dueAt: AT,
    injectingAt: AT,
    injectedAt: AT + 10,
    revertingAt: null,
    endedAt: AT + 3000,
    injectedPlusMinusMs: 0,
    endedPlusMinusMs: 0,
    unproven: null,
    endUnproven: null,
    ...change,
  };
}

const outage: OutageSpan = {
  request: 'GET /',
  from: AT + 10,
  to: AT + 1510,
  firstBadAt: AT + 12,
  lastBadAt: AT + 1505,
  goodSince: 1800,
  recoveredAt: AT + 1511,
  flaps: 0,
  failures: 5,
  badEvents: 300,
  silentMs: 0,
  unanswered: false,
  spacingMs: 5,
};

const alert = (
  receivedAt: number,
  component = 'gateway',
  status: 'firing' | 'resolved' = 'firing',
): ReceivedAlert => ({
  receivedAt,
  status,
  labels: { component },
  annotations: {},
  startsAt: null,
});

function judge(change: Partial<FaultInput> = {}) {
  return judgeFault({
    times: times({}),
    outages: [outage],
    windowEnd: AT + 20_000,
    keptUntil: null,
    requests: 4000,
    failedRequests: 300,
    toleranceMs: 5,
    noticed: [],
    watchesUse: false,
    alerts: [],
    receivesAlerts: true,
    refusedAlerts: [],
    ...change,
  });
}

const iso = (ms: number) => new Date(ms).toISOString();

test('the times of a fault with an outage', () => {
  expect(judge()).toMatchObject({
    injectedAt: iso(AT + 10),
    firstBadAt: iso(AT + 12),
    recoveredAt: iso(AT + 1511),
    downtimeMs: 1500,
    failedRequests: 300,
    result: 'PASS',
  });
});

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

test('where alerts were refused meanwhile, nobody knows whether the one that was waited for came', () => {
  const refused = (at: number) =>
    judge({ times: times({ detectWithin: 1000 }), refusedAlerts: [{ at, reason: 'the body is not JSON' }] });
  expect(refused(AT + 500)).toMatchObject({
    result: 'INVALID',
    reason: expect.stringContaining('alerts arrived and were refused (the body is not JSON)'),
  });
  expect(refused(AT - 500).result).toBe('FAIL');
  expect(
    judge({
      times: times({ detectWithin: 1000 }),
      alerts: [alert(AT + 800)],
      refusedAlerts: [{ at: AT + 1, reason: '' }],
    }).result,
  ).toBe('PASS');
});

test('a fault that hit no request, or was taken out before its time, proves nothing', () => {
  expect(judge({ requests: 0, failedRequests: 0, outages: [] })).toMatchObject({
    result: 'INVALID',
    reason: expect.stringMatching(/no request was due/),
  });
  const base = times({});
  const lasting = (revertingAt: number): FaultTimes => ({
    ...base,
    fault: { ...base.fault, kind: 'freeze', for: 3000 } as FaultTimes['fault'],
    revertingAt,
  });
  expect(judge({ times: lasting(AT + 3010) }).result).toBe('PASS');
  expect(judge({ times: lasting(AT + 1010) })).toMatchObject({
    result: 'INVALID',
    reason: expect.stringMatching(/taken out after 1 s of 3 s/),
  });
});

test('a fault that was seen to end before squall took it out did not last', () => {
  const base = times({});
  const lasting = (endedAt: number): FaultTimes => ({
    ...base,
    fault: { ...base.fault, kind: 'stress', for: 30_000 } as FaultTimes['fault'],
    revertingAt: AT + 30_010,
    endedAt,
  });
  const windowEnd = AT + 60_000;
  expect(judge({ times: lasting(AT + 30_100), windowEnd }).result).toBe('PASS');
  // By the clock of a cluster, in whole seconds.
  expect(judge({ times: lasting(AT + 29_000), windowEnd }).result).toBe('PASS');
  expect(judge({ times: lasting(AT + 8010), windowEnd })).toMatchObject({
    result: 'INVALID',
    reason: 'it ended by itself after 8 s of 30 s',
  });
});

test('evidence from before the injection is none; that of a clock that is a little off counts', () => {
  const seen = (injectedAt: number) => judge({ times: times({}, { injectedAt }) }).result;
  expect(seen(AT - 60_000)).toBe('INVALID');
  expect(seen(AT - 900)).toBe('PASS');
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

test('several names: their outages are united, and all have to be back', () => {
  const other = {
    ...outage,
    request: 'POST /',
    from: AT + 1000,
    to: AT + 2510,
    lastBadAt: AT + 2505,
    recoveredAt: AT + 2511,
  };
  expect(judge({ outages: [outage, other] })).toMatchObject({
    downtimeMs: 2500,
    recoveredAt: iso(AT + 2511),
  });
});

test('a short silence long after the recovery is no relapse, a long one is', () => {
  const silence = (ms: number) => ({
    ...outage,
    from: AT + 9000,
    to: AT + 9000 + ms,
    firstBadAt: AT + 9000,
    recoveredAt: AT + 9000 + ms,
    badEvents: 3,
    failures: 0,
    silentMs: ms,
  });
  expect(judge({ outages: [outage, silence(90)] })).toMatchObject({
    recoveredAt: iso(AT + 1511),
    downtimeMs: 1500,
  });
  expect(judge({ outages: [outage, silence(900)] })).toMatchObject({ recoveredAt: iso(AT + 9900) });
});

test('a single failure long after the recovery is no relapse, a second outage is', () => {
  const later = { ...outage, from: AT + 9000, to: AT + 9010, firstBadAt: AT + 9005, recoveredAt: AT + 9010 };
  expect(judge({ outages: [outage, { ...later, badEvents: 1, failures: 1 }] })).toMatchObject({
    recoveredAt: iso(AT + 1511),
    downtimeMs: 1500,
  });
  expect(judge({ outages: [outage, { ...later, badEvents: 3, failures: 3 }] })).toMatchObject({
    recoveredAt: iso(AT + 9010),
  });
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

test.each([
  ['never injected', { injectingAt: null, injectedAt: null }, 'never injected'],
  [
    'without evidence',
    { injectedAt: null, unproven: 'the process still answers' },
    'the process still answers',
  ],
  [
    'whose end was not proven',
    { endedAt: null, endUnproven: 'it did not come back' },
    'it did not come back',
  ],
])('a fault %s is INVALID', (_title, change, reason) => {
  expect(judge({ times: times({}, change), outages: [] })).toMatchObject({
    result: 'INVALID',
    reason: expect.stringContaining(reason),
  });
});
