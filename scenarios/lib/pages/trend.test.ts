import { expect, test } from 'vitest';
import { trend } from './trend.ts';

/** The same noise each time: a random one would fail now and then. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
}
const series = (n: number, value: (i: number) => number) =>
  Array.from({ length: n }, (_, i) => ({ atMs: i * 1_000, value: value(i) }));

test('a steady leak under noise rises', () => {
  const random = noise(1);
  const found = trend(series(120, (i) => 100 + 0.3 * i + 10 * random()));
  expect(found.rising).toBe(true);
  expect(found.slopePerHour).toBeGreaterThan(0.25 * 3_600);
  expect(found.slopePerHour).toBeLessThan(0.35 * 3_600);
});

test('noise alone does not rise, for a hundred different noises', () => {
  const rising = Array.from({ length: 100 }, (_, seed) => noise(seed + 7)).filter(
    (random) => trend(series(120, () => 100 + 30 * random())).rising,
  );
  expect(rising).toHaveLength(0);
});

test('the sawtooth of a garbage collector does not rise', () => {
  expect(trend(series(200, (i) => 100 + 4 * (i % 25))).rising).toBe(false);
});

test('a heap that fills up once and stays full does not rise enough', () => {
  expect(trend(series(200, (i) => 100 + Math.min(i, 8))).rising).toBe(false);
});

test('a falling or flat series does not rise', () => {
  expect(trend(series(50, (i) => 100 - i)).rising).toBe(false);
  expect(trend(series(50, () => 100))).toMatchObject({ rising: false, growth: 0 });
});

test('a day with a sample every second is thinned, and still shows its leak', () => {
  const random = noise(3);
  expect(trend(series(86_400, (i) => 1_000 + 0.01 * i + 50 * random())).rising).toBe(true);
});

test('too few points prove nothing', () => {
  expect(trend(series(9, (i) => 100 * i))).toMatchObject({ rising: false, p: 1 });
});
