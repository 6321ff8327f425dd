import { expect, test } from 'vitest';
import { FAMILY_ALPHA } from './compare-slots.ts';
import { lookAlphas } from './look-alphas.ts';

test.each([1, 2, 3, 4, 20])('the looks of %i starts spend the alpha of the family, and no more', (starts) => {
  const alphas = lookAlphas(starts);
  expect(alphas).toHaveLength(starts);
  expect(alphas.reduce<number>((sum, alpha) => sum + (alpha ?? 0), 0)).toBeCloseTo(FAMILY_ALPHA, 12);
  // Most of it is for the last one.
  expect(alphas.at(-1)).toBeGreaterThanOrEqual(0.9 * FAMILY_ALPHA);
});

test('nothing is decided on one start of each side while there are more to come', () => {
  expect(lookAlphas(1)).toEqual([FAMILY_ALPHA]);
  expect(lookAlphas(2)).toEqual([null, FAMILY_ALPHA]);
  expect(lookAlphas(4)).toEqual([null, 0.001, 0.001, expect.closeTo(0.018, 12)]);
});
