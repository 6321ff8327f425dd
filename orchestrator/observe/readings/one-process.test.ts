import { expect, test } from 'vitest';
import { SeveralProcesses, watchProcess } from './one-process.ts';

const BEGAN = 10_000_000;

/** Which of these readings, five seconds apart, shows several processes; null: none does. */
function caughtAt(...readings: readonly (number | readonly [value: number, startedAt: number])[]) {
  const check = watchProcess();
  for (const [index, reading] of readings.entries()) {
    const [value, startedAt] = typeof reading === 'number' ? [reading] : reading;
    try {
      check(
        { numbers: { a: value }, ...(startedAt === undefined ? {} : { startedAt: BEGAN + startedAt }) },
        BEGAN + index * 5_000,
      );
    } catch (error) {
      if (error instanceof SeveralProcesses) return index;
      throw error;
    }
  }
  return null;
}

test.each([
  ['two idle replicas', [1000, 900, 1000, 900], 3],
  ['two replicas that work', [1000, 900, 1010, 1015, 905], 4],
  ['three in turn', [1000, 900, 950, 1000, 900], 4],
  ['a leader and one that never did anything', [3, 0, 3, 0, 3, 0], 5],
])('%s: the number goes back and forth', (_, readings, at) => {
  expect(caughtAt(...readings)).toBe(at);
});

test.each([
  ['it is killed once, and counts past where it was', [7, 8, 1, 4, 9, 12]],
  ['it is killed twice', [500, 520, 3, 200, 510, 700, 4, 90]],
  ['it is killed twice, and each time back by the next reading', [3, 0, 3, 0, 3]],
  ['it is killed three times', [3, 0, 1, 3, 0, 2, 3, 0, 1]],
  ['it is killed again and again before it is back', [900, 10, 5, 8, 2, 7]],
])('one process: %s', (_, readings) => {
  expect(caughtAt(...readings)).toBeNull();
});

test('by when it started: one that is back from before, and one that ran beside the first', () => {
  expect(caughtAt([5, -900_000], [900, 1_000], [5, -900_000])).toBe(2);
  expect(caughtAt([1000, -900_000], [1005, -300_000])).toBe(1);
  // The standby answers first: there is no fall to see.
  expect(caughtAt([0, -300_000], [3, -900_000])).toBe(1);
});

test('by when it started: each that follows started later, whatever it has counted by then', () => {
  const kills = [3, -900_000] as const;
  expect(caughtAt(kills, [2, 1_000], [3, 1_000], [2, 11_000], [3, 11_000], [2, 21_000])).toBeNull();
  // A target's clock that is half a minute behind, and a start that is worked out anew for each page.
  expect(caughtAt(kills, [0, -30_000], [1, -30_900], [2, -29_900])).toBeNull();
  // Two that started together are told apart by their numbers.
  expect(caughtAt([1000, -9_000], [900, -8_000], [1000, -9_000], [900, -8_000])).toBe(3);
});
