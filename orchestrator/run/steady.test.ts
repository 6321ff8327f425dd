import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LiveTick } from '../samples/types.ts';
import { watchSteady } from './steady.ts';

const NOW = 1_795_357_000_000;
const objective = { name: 'fast', holds: true, measured: 5, samples: 100 };

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

/** What the gate says of readings that are fresh, and go on coming, with newest samples of these ages. */
async function verdict(...loads: readonly { ageMs: number; pauseLimitMs?: number }[]) {
  const watch = watchSteady();
  const began = Date.now();
  const read = () => {
    for (const [load, { ageMs, pauseLimitMs = 2_000 }] of loads.entries())
      watch.tick(load, {
        at: Date.now(),
        newestSampleAt: began - ageMs,
        pauseLimitMs,
        objectives: [objective],
        breached: [],
      } as unknown as LiveTick);
  };
  read();
  const timer = setInterval(read, 500);
  const answer = watch.verdict(new AbortController().signal);
  await vi.advanceTimersByTimeAsync(5_000);
  clearInterval(timer);
  return answer;
}

test('holds by samples that are fresh', async () => {
  expect(await verdict({ ageMs: 300 })).toBeNull();
  expect(await verdict({ ageMs: 1_500 }, { ageMs: 300 })).toBeNull();
});

test('a target that has hung for ten seconds does not hold by what it did before', async () => {
  expect(await verdict({ ageMs: 10_000 })).toMatch(/no sample has come for 1\d{4} ms/);
  expect(await verdict({ ageMs: 300 }, { ageMs: 10_000 })).toMatch(/no sample has come/);
});

test('a load that is slow by itself may be so', async () => {
  expect(await verdict({ ageMs: 4_000, pauseLimitMs: 15_000 })).toBeNull();
});

test('a load that rests needs another that works', async () => {
  const resting = { ageMs: 10_000, pauseLimitMs: Number.POSITIVE_INFINITY };
  expect(await verdict(resting, { ageMs: 300 })).toBeNull();
  expect(await verdict(resting)).toMatch(/no VU is at work/);
});
