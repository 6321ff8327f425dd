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
  const within = looks.within({ from: -100, to: 1_600 });
  expect([within?.first.at, within?.last.at]).toEqual([0, 1_500]);
  expect(looks.within({ from: 100, to: 700 })).toBeUndefined();
  expect(looks.within({ from: -900, to: -100 })).toBeUndefined();
});

it('cuts a window where the load had made its requests', () => {
  const looks = looksEvery(500, 20_000);
  const madeBy = (share: number) => 16_000 + 4_000 * share;
  expect(times(looks.parts({ from: 0, to: 20_000, madeBy }))).toEqual([
    [0, 17_000],
    [17_000, 18_000],
    [18_000, 19_000],
    [19_000, 20_000],
  ]);
});

it('cuts a window into at most four parts, only where a look is fit for it', () => {
  const looks = looksEvery(500, 20_000);
  expect(times(looks.parts({ from: 0, to: 20_000 }))).toEqual([
    [0, 5_000],
    [5_000, 10_000],
    [10_000, 15_000],
    [15_000, 20_000],
  ]);
  expect(times(looks.parts({ from: 1_000, to: 4_000 }))).toEqual([
    [1_000, 2_500],
    [2_500, 4_000],
  ]);
  expect(times(looks.parts({ from: 1_000, to: 2_000 }))).toEqual([[1_000, 2_000]]);
  expect(times(looks.parts({ from: 1_000, to: 4_000 }, (at) => at % 2_000 === 0))).toEqual([
    [1_000, 2_000],
    [2_000, 4_000],
  ]);
  expect(times(looks.parts({ from: 1_000, to: 4_000 }, () => false))).toEqual([[1_000, 4_000]]);
  expect(createLooks<number>().parts({ from: 0, to: 1 })).toEqual([]);
});
