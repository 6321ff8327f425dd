import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FaultTimes } from './fault-times.ts';
import { cutPhases, indexPhases, stretchedPhases } from './phases.ts';

function fault(
  name: string,
  injectedAt: number | null,
  endedAt: number | null,
  injectingAt = injectedAt,
): FaultTimes {
  return {
    fault: { name } as FaultTimes['fault'],
    targets: [],
    seenIn: [],
    use: [],
    seenOut: [],
    unwitnessed: null,
    dueAt: null,
    injectingAt,
    injectedAt,
    endedAt,
    injectedPlusMinusMs: 0,
    endedPlusMinusMs: 0,
    unproven: null,
    revertingAt: null,
    endUnproven: null,
    unprovenAt: null,
    endUnprovenAt: null,
  };
}

const load = { from: 0, to: 1000 };

test('steady, fault and recovery follow each other at the evidence', () => {
  expect(cutPhases([fault('a', 200, 300), fault('b', 600, 700)], load)).toEqual([
    { name: 'steady', from: 0, to: 200 },
    { name: 'fault:a', from: 200, to: 300 },
    { name: 'recovery:a', from: 300, to: 600 },
    { name: 'fault:b', from: 600, to: 700 },
    { name: 'recovery:b', from: 700, to: 1000 },
  ]);
});

test('the schedule does not move a phase: only the evidence does', () => {
  const late = { ...fault('a', 260, 300), dueAt: 200, injectingAt: 205 };
  expect(cutPhases([late], load)[0]).toEqual({ name: 'steady', from: 0, to: 260 });
});

test('evidence that may be late counts from the earliest moment that it allows, never from before the injection', () => {
  const blurred = { ...fault('a', 260, 300, 205), injectedPlusMinusMs: 30 };
  expect(cutPhases([blurred], load).slice(0, 2)).toEqual([
    { name: 'steady', from: 0, to: 230 },
    { name: 'fault:a', from: 230, to: 300 },
  ]);
  expect(cutPhases([{ ...blurred, injectedPlusMinusMs: 200 }], load)[0]).toEqual({
    name: 'steady',
    from: 0,
    to: 205,
  });
});

test('a fault whose end was never proven lasts to the end of the load', () => {
  expect(cutPhases([fault('a', 200, null)], load)).toEqual([
    { name: 'steady', from: 0, to: 200 },
    { name: 'fault:a', from: 200, to: 1000 },
  ]);
});

test('a fault without evidence has no phase, but what it may have done is not called steady', () => {
  expect(cutPhases([fault('a', null, null, 200)], load)).toEqual([{ name: 'steady', from: 0, to: 200 }]);
});

test('faults that overlap make phases that overlap, and recovery begins when the fault has ended', () => {
  expect(cutPhases([fault('a', 200, 500), fault('b', 300, 400)], load)).toEqual([
    { name: 'steady', from: 0, to: 200 },
    { name: 'fault:a', from: 200, to: 500 },
    { name: 'recovery:a', from: 500, to: 1000 },
    { name: 'fault:b', from: 300, to: 400 },
    { name: 'recovery:b', from: 400, to: 1000 },
  ]);
});

const faults = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 200 })), { maxLength: 5 })
  .map((list) => list.map(([at, length], i) => fault(`f${i}`, at, at + length)));

test('every moment of the load is in a phase; before the first fault in steady alone', () => {
  fc.assert(
    fc.property(faults, fc.double({ min: 0, max: 999.9, noNaN: true }), (list, moment) => {
      const phases = cutPhases(list, load);
      const hit = phases.filter((p) => moment >= p.from && moment < p.to);
      expect(hit.length).toBeGreaterThan(0);
      const first = Math.min(1000, ...list.map((f) => f.injectedAt as number));
      expect(hit.some((p) => p.name === 'steady')).toBe(moment < first);
      if (moment < first) expect(hit).toHaveLength(1);
    }),
  );
});

test('the index finds what a search through all phases finds', () => {
  fc.assert(
    fc.property(faults, fc.double({ min: -10, max: 1200, noNaN: true }), (list, moment) => {
      const phases = cutPhases(list, load);
      const slow = phases.flatMap((p, i) => (moment >= p.from && moment < p.to ? [i] : []));
      expect(indexPhases(phases, list).at(moment)).toEqual(slow);
    }),
  );
});

test('a request that fails because a fault went in while it was under way belongs to the fault', () => {
  const list = [fault('a', 200, 300, 195)];
  const index = indexPhases(cutPhases(list, load), list);
  expect(index.injectionDuring(190, 197)).toEqual({ beganAt: 195, injectedAt: 200 });
  expect(index.injectionDuring(190, 194)).toBeNull();
  expect(index.injectionDuring(201, 250)).toBeNull();
});

test('a request that hung in one fault is not blamed on the next', () => {
  const list = [fault('a', 200, 300), fault('b', 400, 500)];
  const index = indexPhases(cutPhases(list, load), list);
  expect(index.injectionDuring(250, 450)).toBeNull();
  expect(index.injectionDuring(350, 450)).toMatchObject({ injectedAt: 400 });
});

test('a stretched phase lasts at least so long, not into the next fault, and never less than the fault', () => {
  const cut = cutPhases([fault('a', 2_000, 2_300), fault('b', 6_000, 9_500)], { from: 0, to: 12_000 });
  const names = ['fault:a+3s', 'fault:a+9s', 'fault:b+1s', 'fault:b+9s', 'fault:b', 'steady', 'fault:c+5s'];
  expect(stretchedPhases(names, cut, { from: 0, to: 12_000 })).toEqual([
    { name: 'fault:a+3s', from: 2_000, to: 5_000 },
    { name: 'fault:a+9s', from: 2_000, to: 6_000 },
    { name: 'fault:b+1s', from: 6_000, to: 9_500 },
    { name: 'fault:b+9s', from: 6_000, to: 12_000 },
  ]);
});
