import { expect, test } from 'vitest';
import type { StopCondition } from '../../chaos/schema/drill.ts';
import { createLive } from './live.ts';
import type { TagSet } from './tag-sets.ts';

const tags: TagSet = { id: 0, inLoad: true, folded: false, tags: { name: 'GET /', scenario: 's' } };
const START = 1_795_357_000_000;
const ERRORS: StopCondition = { errors: true, above: 0.5, for: 15_000 };

interface Script {
  /** When iterations end, in seconds. */
  readonly ends: readonly number[];
  readonly iterationMs?: number;
  /** How many VUs k6 says are at work in each second; null: it says nothing (any more). */
  readonly vus?: (second: number) => number | null;
  readonly seconds?: number;
  readonly stop?: StopCondition;
}

/** Plays what k6 writes, second by second. The second after which the condition is breached, or null. */
function breachedAt({ ends, iterationMs = 20, vus = () => 3, seconds = 80, stop = ERRORS }: Script) {
  const objectives = [{ name: 'e', errors: true, below: '1%', minSamples: 1 } as const];
  const live = createLive({ steadyWindowMs: 5_000, objectives, stop: [stop], onFirst: () => {} });
  for (let second = 0; second < seconds; second++) {
    for (const end of ends.filter((at) => Math.floor(at) === second)) {
      const at = START + end * 1000;
      live.visitor.request(tags, at, 20, 0, false);
      live.visitor.sample('iteration_duration', tags, at, iterationMs, '');
      live.visitor.sample('iterations', tags, at, 1, '');
    }
    const count = vus(second);
    if (count !== null) live.visitor.sample('vus', tags, START + second * 1000 + 999, count, '');
    live.visitor.sample('data_sent', tags, START + second * 1000 + 999, 1, '');
    if (live.tick(START + second * 1000 + 999)?.breached.includes(0)) return second;
  }
  return null;
}

const every = (gap: number, from: number, to: number) =>
  Array.from({ length: Math.ceil((to - from) / gap) }, (_, i) => from + i * gap);

test('all VUs hang: each second without a sample is one of errors, from the first', () => {
  // Silent from 20 to 35, and known when k6 has gone on for a second after that.
  expect(breachedAt({ ends: every(0.1, 0, 20) })).toBe(36);
});

test('a silence is seen the second time, too, and one that ends soon stops nothing', () => {
  const ends = [...every(0.1, 0, 20), ...every(0.1, 32, 45)];
  expect(breachedAt({ ends })).toBe(61);
  expect(breachedAt({ ends: [...every(0.1, 0, 20), ...every(0.1, 32, 80)] })).toBeNull();
});

test.each<[string, Script]>([
  ['one request in five seconds', { ends: every(5, 0, 80), vus: () => 1, stop: { ...ERRORS, for: 2_000 } }],
  ['a first request alone', { ends: [0] }],
  [
    'journeys that work for eight seconds and think for twenty',
    {
      ends: [0, 28, 56].flatMap((from) => every(0.5, from, from + 8)),
      iterationMs: 28_000,
    },
  ],
  ['VUs that went home', { ends: every(0.1, 0, 20), vus: (second) => (second < 20 ? 3 : 0) }],
  [
    'a ramp-down whose last VU thinks for long',
    { ends: every(0.1, 0, 20), vus: (second) => (second < 19 ? 3 : 1) },
  ],
  ['the end of k6', { ends: every(0.1, 0, 20), vus: (second) => (second < 20 ? 3 : null) }],
])('no false stop: %s', (_, script) => {
  expect(breachedAt(script)).toBeNull();
});

test('a pause without any VU is no part of the rhythm', () => {
  const ends = [...every(0.1, 0, 20), ...every(0.1, 40, 50)];
  expect(breachedAt({ ends, vus: (second) => (second >= 20 && second < 40 ? 0 : 3) })).toBe(66);
});

test('a silence says nothing about a percentile: one slow second does not become many', () => {
  const stop: StopCondition = { percentile: 95, above: 10, for: 21_000 };
  expect(breachedAt({ ends: every(0.1, 0, 20), stop })).toBeNull();
  expect(breachedAt({ ends: every(0.1, 0, 30), stop })).toBe(21);
});

test('the window moves on in a silence, and what is in it can be told no more', () => {
  const objectives = [{ name: 'e', errors: true, below: '1%', minSamples: 1 } as const];
  const live = createLive({ steadyWindowMs: 5_000, objectives, stop: [], onFirst: () => {} });
  for (const end of every(0.1, 0, 20)) live.visitor.request(tags, START + end * 1000, 20, 0, false);
  expect(live.tick(START + 20_000)).toMatchObject({ requestsPerSecond: 10, pauseLimitMs: 2_000 });
  expect(live.tick(START + 20_000)?.objectives[0]?.holds).toBe(true);
  live.visitor.sample('vus', tags, START + 30_000, 3, '');
  expect(live.tick(START + 30_000)).toMatchObject({ requestsPerSecond: 0 });
  expect(live.tick(START + 30_000)?.objectives[0]?.holds).toBeNull();
});
