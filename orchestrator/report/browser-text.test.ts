import { expect, it } from 'vitest';
import { powers } from './browser/text.ts';

it('labels powers of ten, and values between them where one decade is all there is', () => {
  const splits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30];
  expect(powers(null, splits).filter((value) => value !== null)).toEqual([1, 2, 5, 10, 20]);
  expect(powers(null, [...splits, 100, 200]).filter((value) => value !== null)).toEqual([1, 10, 100]);
  expect(powers(null, [0.02, 0.05, 0.06, 0.1]).filter((value) => value !== null)).toEqual([0.02, 0.05, 0.1]);
});
