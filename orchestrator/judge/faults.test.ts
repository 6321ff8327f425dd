import { expect, test } from 'vitest';
import type { ReceivedAlert } from '../journal/events.ts';
import { lostTimeOf } from '../machine/lost-time.ts';
import { faultAdvice, MACHINE_ADVICE } from './advice.ts';
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
    unwitnessed: null,
    unproven: null,
    endUnproven: null,
    unprovenAt: null,
    endUnprovenAt: null,
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

test('few good answers since the last bad one are too little evidence, and no broken promise', () => {
  // One request in 5 s: bad at 3 s, good at 8 s and 13 s, and then the watch ends.
  const rare = { ...outage, to: null, recoveredAt: null, lastBadAt: AT + 3000, goodSince: 2 };
  const on = (expectations: object, change: Partial<OutageSpan> = {}) =>
    judge({ times: times(expectations), outages: [{ ...rare, ...change }] }).expectations[0];
  expect(on({ recoverWithin: 10_000 })).toMatchObject({
    measured: '2 good GET / since the last bad one: too few to tell',
    result: 'INVALID',
  });
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

test('the clock of a recovery starts no later than the first bad request, and no duration is negative', () => {
  // A cluster tells the time of a kill in whole seconds: it was in for 1.2 s by then.
  const late = times({ recoverWithin: 1400 }, { injectedAt: AT + 2000, injectedPlusMinusMs: 1200 });
  const early = { ...outage, from: AT + 100, to: AT + 1550, firstBadAt: AT + 110, recoveredAt: AT + 1548 };
  const result = judge({ times: late, outages: [early] });
  expect(result).toMatchObject({ downtimeMs: 1450, recoveredAfterMs: 1448 });
  expect(result.expectations[0]).toMatchObject({ measured: '1.45 s', result: 'FAIL' });
  // What began after the proof counts from the proof, which is known to 1.2 s.
  const after = { ...early, from: AT + 2100, to: AT + 3550, recoveredAt: AT + 3548 };
  expect(judge({ times: { ...late, injectingAt: AT }, outages: [after] }).expectations[0]).toMatchObject({
    measured: '1.55 s (± 1.2 s)',
  });
  const lasting = times({ recoverWithin: 100 });
  const fault = { ...lasting.fault, kind: 'freeze', for: 1400 } as never;
  expect(judge({ times: { ...lasting, fault, endedAt: AT + 2000 } })).toMatchObject({ recoveredAfterMs: 0 });
});

test('what counts as downtime counts as recovery, and the other way round', () => {
  const later = (change: Partial<OutageSpan>) =>
    judge({
      times: times({ recoverWithin: 60_000 }),
      outages: [
        {
          ...outage,
          from: AT + 9000,
          to: AT + 9400,
          firstBadAt: AT + 9000,
          recoveredAt: AT + 9400,
          ...change,
        },
      ],
    });
  const blip = later({ failures: 2, badEvents: 2 });
  expect(blip).toMatchObject({
    downtimeMs: 0,
    recoveredAfterMs: null,
    firstBadAt: null,
    outages: [{ counts: false }],
  });
  expect(blip.reason).toBe('300 bad requests, no outage');
  const relapse = later({ failures: 3, badEvents: 3 });
  expect(relapse).toMatchObject({ downtimeMs: 400, recoveredAfterMs: 9390, outages: [{ counts: true }] });
  const silence = later({ failures: 0, silentMs: 1350, to: AT + 10_350, recoveredAt: AT + 10_350 });
  expect(silence).toMatchObject({ downtimeMs: 1350, recoveredAfterMs: 10_340 });
});

test('detection counts from the beginning of the injection, as the probe does', () => {
  const result = judge({ times: times({}, { injectedAt: AT + 900 }), alerts: [alert(AT + 800)] });
  expect(result.detectedAfterMs).toBe(800);
});

test('what was not measured is not 0', () => {
  expect(judge({ requests: 0, failedRequests: 0, outages: [] })).toMatchObject({
    downtimeMs: null,
    recoveredAfterMs: null,
    detectedAfterMs: null,
  });
  expect(judge({ times: times({}, { injectedAt: null }), outages: [] }).downtimeMs).toBeNull();
});

test('a fault that nothing used is INVALID, and its evidence has all three legs', () => {
  const use = [{ when: 'steady', inUse: false, forMs: 20_000, seen: ['0 clients'] }] as const;
  const result = judge({
    times: times({}, { use, seenOut: ['back'] }),
    outages: [],
    failedRequests: 0,
    watchesUse: true,
  });
  expect(result).toMatchObject({
    result: 'INVALID',
    reason: 'nothing used gateway in the 20 s before',
    evidence: ['gone', '0 clients', 'back'],
  });
});

test('what only the service says is no proof unless a request noticed it, also where nobody has to notice', () => {
  const claimed = times({ unnoticed: true }, { unwitnessed: 'only the events say so' });
  expect(judge({ times: claimed, outages: [] })).toMatchObject({
    result: 'INVALID',
    reason: 'only the events say so, and no request noticed the fault',
  });
  expect(judge({ times: claimed, noticed: ['GET / failed'] }).result).toBe('PASS');
});

test('a fault is a consequence of what cut the run short only where nothing else is wrong with it', () => {
  const cutAt = AT + 9000;
  const marked = (change: Partial<FaultTimes>, input: Partial<FaultInput> = {}) =>
    judge({ times: times({}, change), outages: [], cutAt, ...input }).notMeasured;
  expect(marked({ injectingAt: null, injectedAt: null })).toBe(true);
  expect(marked({ injectingAt: null, injectedAt: null }, { cutAt: null })).toBeUndefined();
  expect(marked({ injectedAt: null, unproven: 'stopped', unprovenAt: cutAt })).toBe(true);
  // It had shown no effect long before.
  expect(marked({ injectedAt: null, unproven: 'no effect', unprovenAt: AT + 1000 })).toBeUndefined();
  expect(marked({ endedAt: null, endUnproven: 'stopped', endUnprovenAt: cutAt })).toBe(true);
  const freeze = { ...times({}).fault, kind: 'freeze', for: 1000 } as FaultTimes['fault'];
  expect(
    marked({ fault: freeze, endedAt: null, endUnproven: 'refused', endUnprovenAt: cutAt }),
  ).toBeUndefined();
  // Without a receiver, detection is not known however long the run goes on.
  const unheard = judge({
    times: times({ detectWithin: 1000 }),
    receivesAlerts: false,
    windowEnd: cutAt,
    cutAt,
  });
  expect(unheard).toMatchObject({ result: 'INVALID' });
  expect(unheard.notMeasured).toBeUndefined();
  // The watch ended with the run, and the outage had not.
  const open = judge({
    times: times({ recoverWithin: 9e6 }),
    outages: [{ ...outage, to: null, recoveredAt: null, goodSince: 0 }],
    windowEnd: cutAt,
    cutAt,
  });
  expect(open).toMatchObject({ result: 'INVALID', notMeasured: true });
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
