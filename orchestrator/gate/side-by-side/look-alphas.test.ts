import { expect, test } from 'vitest';
import { FAMILY_ALPHA } from './compare-slots.ts';
import { lookAlphas } from './look-alphas.ts';

test.each([1, 2, 3, 4, 20])('the looks of %i starts spend the alpha of the family, and no more', (starts) => {
  for (const isCalibrated of [true, false]) {
    const alphas = lookAlphas(starts, isCalibrated);
    expect(alphas).toHaveLength(starts);
    expect(alphas.reduce<number>((sum, alpha) => sum + (alpha ?? 0), 0)).toBeCloseTo(FAMILY_ALPHA, 12);
    // Most of it is for the last one.
    expect(alphas.at(-1)).toBeGreaterThanOrEqual(0.9 * FAMILY_ALPHA);
  }
});

test('one of several comparisons spends its share of it', () => {
  const alphas = lookAlphas(4, false, FAMILY_ALPHA / 5);
  expect(alphas).toEqual([null, null, expect.closeTo(0.0004, 12), expect.closeTo(0.0036, 12)]);
});

test('nothing is decided early on one start of each side, nor on two of which nobody knows how far they differ', () => {
  const last = expect.closeTo(0.018, 12);
  expect([1, 2, 4].map((starts) => lookAlphas(starts, true))).toEqual([
    [FAMILY_ALPHA],
    [null, FAMILY_ALPHA],
    [null, 0.001, 0.001, last],
  ]);
  expect([2, 3, 4].map((starts) => lookAlphas(starts, false))).toEqual([
    [null, FAMILY_ALPHA],
    [null, null, FAMILY_ALPHA],
    [null, null, 0.002, last],
  ]);
});
