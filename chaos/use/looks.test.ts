import { expect, it } from 'vitest';
import { createLooks, type Pair } from './looks.ts';

const times = (pairs: readonly Pair<unknown>[]) => pairs.map(({ first, last }) => [first.at, last.at]);

function looksEvery(ms: number, until: number) {
  const looks = createLooks<number>();
  for (let at = 0; at <= until; at += ms) looks.add({ at, counters: at });
  return looks;
}

it('keeps looks of a long time, within bounds, and finds those around a window', () => {
  const looks = looksEvery(10, 100_000);
  const around = looks.around(99_500, 99_905);
  expect(around?.first.at).toBeLessThanOrEqual(99_500);
  expect(around?.first.at).toBeGreaterThan(99_000);
  expect(around?.last.at).toBe(99_910);
  expect(looks.around(-5, 200_000)?.first.at).toBe(0);
  expect(createLooks<number>().around(0, 1)).toBeUndefined();
});

it('keeps the first looks to the end, and reads nothing from outside of a span', () => {
  const looks = looksEvery(250, 1_000_000);
  const pairs = Array.from({ length: 6 }, (_, index) => [250 * index, 250 * (index + 1)]);
  expect(times(looks.within({ from: -100, to: 1_600 }))).toEqual(pairs);
  expect(looks.within({ from: 100, to: 700 })).toEqual([]);
  expect(looks.within({ from: -900, to: -100 })).toEqual([]);
});

it('cuts a window where the load had made its requests', () => {
  const looks = looksEvery(250, 20_000);
  const madeBy = (share: number) => 17_800 + 2_200 * share;
  expect(times(looks.parts({ from: 0, to: 20_000, madeBy }))).toEqual([
    [0, 18_000],
    [18_000, 18_500],
    [18_500, 19_000],
    [19_000, 19_500],
    [19_500, 20_000],
  ]);
});

it('cuts a window into parts of half a second, only where a look is fit for it', () => {
  const looks = looksEvery(250, 20_000);
  const halves = Array.from({ length: 40 }, (_, index) => [500 * index, 500 * (index + 1)]);
  expect(times(looks.parts({ from: 0, to: 20_000 }))).toEqual(halves);
  expect(times(looks.parts({ from: 1_000, to: 2_500 }))).toEqual(halves.slice(2, 5));
  expect(times(looks.parts({ from: 1_000, to: 1_750 }))).toEqual([[1_000, 1_750]]);
  // What is left at the end is no part of its own.
  expect(times(looks.parts({ from: 1_000, to: 2_750 }))).toEqual([
    [1_000, 1_750],
    [1_750, 2_750],
  ]);
  expect(times(looks.parts({ from: 1_000, to: 5_000 }, (at) => at % 2_000 === 0))).toEqual([
    [1_000, 2_000],
    [2_000, 4_000],
    [4_000, 5_000],
  ]);
  expect(times(looks.parts({ from: 1_000, to: 4_000 }, () => false))).toEqual([[1_000, 4_000]]);
  expect(createLooks<number>().parts({ from: 0, to: 1 })).toEqual([]);
});

it('where looks are rarer, a part is as long as a look', () => {
  const parts = times(looksEvery(1_050, 42_000).parts({ from: 0, to: 21_000 }));
  expect(parts).toEqual(Array.from({ length: 20 }, (_, index) => [1_050 * index, 1_050 * (index + 1)]));
});

it('parts of a window of an hour are longer, and no more than what is kept', () => {
  const parts = looksEvery(500, 3_600_000).parts({ from: 0, to: 3_600_000 });
  expect(parts.length).toBeLessThanOrEqual(600);
  expect(parts.at(-1)?.last.at).toBe(3_600_000);
});
