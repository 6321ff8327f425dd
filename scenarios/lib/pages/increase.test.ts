import { expect, test } from 'vitest';
import { createIncrease } from './increase.ts';

const grown = (...values: number[]): number | null => {
  const increase = createIncrease();
  for (const value of values) increase.read(value);
  return increase.total();
};

test('a counter has grown by its end minus its beginning', () => {
  expect(grown(5, 5)).toBe(0);
  expect(grown(5, 7, 7, 12)).toBe(7);
});

test('one that was reset counts from zero', () => {
  expect(grown(5, 7, 1, 2)).toBe(4);
});

test('one reading, or none, is no evidence', () => {
  expect(grown()).toBeNull();
  expect(grown(5)).toBeNull();
});
