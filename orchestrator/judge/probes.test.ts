import { describe, expect, test } from 'vitest';
import type { JournalLine, RunStarted } from '../journal/events.ts';
import type { FaultTimes } from './fault-times.ts';
import { judgeProbes } from './probes.ts';

const started = (probe: object = { kind: 'replicas', component: 'gateway', atLeast: 10 }) =>
  ({ drill: { probes: [{ name: 'enough', within: 60_000, ...probe }] } }) as unknown as RunStarted;

test.each([
  [
    { kind: 'replicas', component: 'api', atLeast: 10 },
    'at least 10 replicas of api within 1 min of the first sample',
  ],
  [
    { kind: 'replicas', component: 'api', atLeast: 3, atMost: 4, after: 'lost' },
    'at least 3 and at most 4 replicas of api within 1 min of lost',
  ],
  [
    { kind: 'replicas', component: 'api', atLeast: 3, atMost: 3, after: 'lost' },
    'exactly 3 replicas of api within 1 min of lost',
  ],
  [
    { kind: 'replicas', component: 'api', atMost: 0, after: 'lost' },
    'at most 0 replicas of api within 1 min of lost',
  ],
  [{ kind: 'ready-within', component: 'api', after: 'lost' }, 'api as many as wanted within 1 min of lost'],
  [{ kind: 'rollout', component: 'api', after: 'new' }, 'api rolled out within 1 min of new'],
  [{ kind: 'alert', match: {}, after: 'lost' }, 'an alert within 1 min of lost'],
  [{ kind: 'http', url: 'http://user:secret@a/', status: 204 }, 'HTTP 204 within 1 min of the first sample'],
])('%j: what is asked, and from when on its time runs', (probe, target) => {
  expect(judgeProbes(started(probe), [], [])[0]?.target).toBe(target);
});

const line = (event: object) => ({ at: 0, event }) as JournalLine;
const report = (time: number | null, detail: string) =>
  line({ type: 'probe', name: 'enough', ok: time !== null, time, detail });

test('a probe that never reported is INVALID, the last report of one counts', () => {
  const judged = (...lines: JournalLine[]) => judgeProbes(started(), lines, [])[0];
  expect(judged()).toMatchObject({ measured: 'did not report', result: 'INVALID' });
  const tooFew = report(null, 'not within its time: 9 replicas are ready');
  expect(judged(tooFew)).toMatchObject({
    measured: 'not within its time: 9 replicas are ready',
    result: 'FAIL',
  });
  expect(judged(tooFew, report(1, '10 replicas are ready'))).toMatchObject({ result: 'PASS' });
});

test('one that was never answered proves nothing, and says why; a journal that does not know of such means an answer', () => {
  const unanswered = { type: 'probe', name: 'enough', ok: false, time: null, detail: 'no answer: 403' };
  const judged = (event: object) => judgeProbes(started(), [line(event)], [])[0];
  expect(judged({ ...unanswered, unanswered: true })).toMatchObject({
    measured: 'no answer: 403',
    result: 'INVALID',
  });
  expect(judged(unanswered)).toMatchObject({ result: 'FAIL' });
});

test.each([
  ['the first sample', {}, '10 are ready, after 1 min 5 s'],
  ['the proof of its fault', { after: 'lost' }, '10 are ready, after 4.5 s'],
  [
    'the beginning of the injection, for an alert',
    { kind: 'alert', after: 'lost' },
    '10 are ready, after 5 s',
  ],
  ['nothing, where the fault was never proven', { after: 'other' }, '10 are ready'],
])('what is measured says how long it took: from %s', (_, probe, measured) => {
  const lines = [line({ type: 'first-sample', time: 5_000 }), report(70_000, '10 are ready')];
  const faults = [
    { fault: { name: 'lost' }, injectingAt: 65_000, injectedAt: 65_500 },
    { fault: { name: 'other' }, injectingAt: null, injectedAt: null },
  ] as unknown as FaultTimes[];
  const probes = started({ kind: 'replicas', component: 'api', atLeast: 10, ...probe });
  expect(judgeProbes(probes, lines, faults)[0]?.measured).toBe(measured);
});

test('an alert after its time has missed it, although the evidence of the fault came late, too', () => {
  const faults = [
    { fault: { name: 'lost' }, injectingAt: 65_000, injectedAt: 105_000 },
  ] as unknown as FaultTimes[];
  const judged = (time: number) =>
    judgeProbes(started({ kind: 'alert', match: {}, after: 'lost' }), [report(time, 'Down')], faults)[0];
  expect(judged(65_000 + 60_000)).toMatchObject({ measured: 'Down, after 1 min', result: 'PASS' });
  expect(judged(65_000 + 90_000)).toMatchObject({ measured: 'Down, after 1 min 30 s', result: 'FAIL' });
});

describe('a probe that comes after another', () => {
  const two = {
    drill: {
      probes: [
        { name: 'out', kind: 'replicas', component: 'gateway', atLeast: 10, within: 60_000 },
        { name: 'back', kind: 'replicas', component: 'gateway', atMost: 3, within: 60_000, after: 'out' },
      ],
    },
  } as unknown as RunStarted;
  const told = (name: string, time: number | null) =>
    line({ type: 'probe', name, ok: time !== null, time, detail: 'counted' });

  test('has its time from there', () => {
    const rows = judgeProbes(two, [told('out', 5_000), told('back', 65_000)], []);
    expect(rows[1]).toMatchObject({
      target: 'at most 3 replicas of gateway within 1 min of out',
      measured: 'counted, after 1 min',
      result: 'PASS',
    });
  });

  test('proves nothing when that one did not hold, and says so', () => {
    expect(judgeProbes(two, [told('out', null)], [])[1]).toMatchObject({
      measured: 'did not start, because out did not hold',
      result: 'INVALID',
      notMeasured: true,
    });
  });
});
