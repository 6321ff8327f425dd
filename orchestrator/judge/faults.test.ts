import { expect, test } from 'vitest';
import type { FaultTimes } from './fault-times.ts';
import { AT, iso, judge, outage, times } from './fixtures/judged-fault.ts';
import type { FaultInput } from './impact.ts';

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

test('a scenario of which nothing is counted leaves open what its users saw, unless the fault was noticed anyway', () => {
  const hidden = { outages: [], failedRequests: 0, noticed: [], unheard: ['chat'] };
  expect(judge(hidden)).toMatchObject({
    result: 'INVALID',
    reason:
      'no request noticed it, and the scenario chat makes none: what its users saw is not known (list one of its metrics under `events`)',
  });
  expect(judge({ ...hidden, unheard: [] }).result).toBe('PASS');
  expect(judge({ ...hidden, noticed: ['GET / was slow'] }).result).toBe('PASS');
  expect(judge({ ...hidden, times: times({ unnoticed: true }) }).result).toBe('PASS');
  expect(judge({ unheard: ['chat'] }).result).toBe('PASS');
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
