import { describe, expect, test } from 'vitest';
import type { StopCondition } from '../../../chaos/schema/drill.ts';
import type { Objective } from '../../../thresholds/objective.ts';
import type { TagSet } from '../recording/tag-sets.ts';
import { createLive } from './live.ts';

const tags: TagSet = { id: 0, inLoad: true, folded: false, tags: { name: 'GET /health', scenario: 's' } };
const START = 1_795_357_000_000;
const availability: Objective = {
  name: 'available',
  availability: true,
  atLeast: '99%',
  window: '30d',
  phase: 'all',
};

/** Ten requests a second; `failing` says how many of them fail. The second after which the first condition is breached, or null. */
function breachedAfter(
  stop: StopCondition,
  failing: (second: number) => number,
  durationMs = 10,
): number | null {
  const live = createLive({
    steadyWindowMs: 5_000,
    objectives: [availability],
    stop: [stop],
    onFirst: () => {},
  });
  for (let second = 0; second < 60; second++) {
    for (let i = 0; i < 10; i++) {
      live.visitor.request(
        tags,
        START + second * 1000 + i * 100 + durationMs,
        durationMs,
        0,
        i < failing(second),
      );
    }
    if (live.tick(START + second * 1000)?.breached.includes(0)) return second;
  }
  return null;
}

describe('errors', () => {
  const stop: StopCondition = { errors: true, above: 0.3, for: 3_000 };
  test('above the share for the whole time', () => {
    expect(breachedAfter(stop, (second) => (second >= 20 ? 4 : 0))).toBe(23);
  });
  test('a second below it begins the time anew', () => {
    expect(breachedAfter(stop, (second) => (second >= 20 && second % 3 !== 0 ? 10 : 0))).toBeNull();
  });
});

test('a percentile above its bound', () => {
  const stop: StopCondition = { percentile: 95, above: 50, for: 2_000 };
  expect(breachedAfter(stop, () => 0, 60)).toBe(2);
  expect(breachedAfter(stop, () => 0, 40)).toBeNull();
});

describe('the burn of an error budget', () => {
  const stop: StopCondition = { burn: 'available', above: 14.4, for: 10_000 };
  test('counts over its window: 20 % for 10 s burn 20 times too fast, as does everything for 2 s', () => {
    expect(breachedAfter(stop, (second) => (second >= 20 ? 2 : 0))).toBe(28);
    expect(breachedAfter(stop, (second) => (second >= 20 && second < 22 ? 10 : 0))).toBe(22);
  });
  test('what is slow enough goes on', () => {
    expect(breachedAfter(stop, (second) => (second % 10 === 0 ? 10 : 0))).toBeNull();
  });
  test('says nothing before its window is full', () => {
    expect(breachedAfter(stop, (second) => (second < 2 ? 10 : 0))).toBe(10);
    expect(breachedAfter(stop, (second) => (second < 1 ? 10 : 0))).toBeNull();
  });
});

describe('a target that swallows every request', () => {
  const iterationsToKnow = { s: 10 };
  /** Answers for 40 s. After how many more seconds the condition is breached; null: not within a minute. */
  function breachedAfterSilence(stop: StopCondition, vus = 10): number | null {
    const live = createLive({
      steadyWindowMs: 5_000,
      objectives: [availability],
      stop: [stop],
      iterationsToKnow,
      onFirst: () => {},
    });
    for (let at = START; at < START + 100_000; at += 100) {
      if (at < START + 40_000) {
        live.visitor.request(tags, at, 10, 0, false);
        live.visitor.sample('iteration_duration', tags, at, 10, '');
      }
      if ((at - START) % 1000 !== 900) continue;
      live.visitor.sample('vus', tags, at, at < START + 40_000 ? 1 : vus, '');
      const tick = live.tick(at);
      expect(tick?.breached).toEqual([]);
      if (tick?.breachedBySilence.includes(0)) return Math.ceil((at - START) / 1000) - 40;
    }
    return null;
  }

  test('breaches a bound on errors when it has lasted so long', () => {
    expect(breachedAfterSilence({ errors: true, above: 0.5, for: 1_000 })).toBe(3);
    expect(breachedAfterSilence({ errors: true, above: 0.5, for: 15_000 })).toBe(15);
  });
  test('burns a budget as fast as those who wait would, once the window is full', () => {
    // Of 10 requests a second ten users wait, or hundred arrivals: 10 of 60 in the window is more than 15 %, and 100 of 370 is at once.
    expect(breachedAfterSilence({ burn: 'available', above: 15, for: 30_000 })).toBe(25);
    expect(breachedAfterSilence({ burn: 'available', above: 15, for: 30_000 }, 100)).toBe(3);
    expect(breachedAfterSilence({ burn: 'available', above: 15, for: 60_000 }, 100)).toBe(19);
    expect(breachedAfterSilence({ burn: 'available', above: 120, for: 10_000 })).toBeNull();
  });
  test('says nothing about a percentile, and a load that idles says nothing at all', () => {
    expect(breachedAfterSilence({ percentile: 95, above: 5, for: 100_000 })).toBeNull();
    expect(breachedAfterSilence({ errors: true, above: 0.5, for: 1_000 }, 0)).toBeNull();
  });
});
