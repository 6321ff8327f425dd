import { expect, test } from 'vitest';
import { AT, alert, iso, judge, outage, times } from './fixtures/judged-fault.ts';
import type { OutageSpan } from './outages/outages.ts';

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

test('nor does it start before the injection began: a gap between two requests may reach back that far', () => {
  const reaching = { ...outage, from: AT - 700 };
  expect(judge({ outages: [reaching] }).recoveredAfterMs).toBe(1511);
});

test('an outage that was still going on counts, however few its failures', () => {
  const open = {
    ...outage,
    from: AT + 9000,
    firstBadAt: AT + 9000,
    to: null,
    recoveredAt: null,
    failures: 1,
  };
  expect(judge({ outages: [open] })).toMatchObject({ recoveredAt: null, outages: [{ counts: true }] });
});

test('a single failure right after the injection is an outage', () => {
  const single = { ...outage, failures: 1, badEvents: 1 };
  expect(judge({ outages: [single] })).toMatchObject({ downtimeMs: 1500, outages: [{ counts: true }] });
});

test('an alert that comes when the next fault on the component is in already is not the one of this fault', () => {
  const result = judge({ alertsUntil: AT + 5_000, alerts: [alert(AT + 5_000)] });
  expect(result).toMatchObject({ detectedAt: null, detectedAfterMs: null });
  // A fault on another component takes the outages from then on, and no alert that names this one.
  const other = judge({ windowEnd: AT + 4_000, alertsUntil: AT + 9_000, alerts: [alert(AT + 5_000)] });
  expect(other).toMatchObject({ detectedAt: iso(AT + 5_000) });
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
