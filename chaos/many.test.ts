import { expect, test } from 'vitest';
import { many } from './many.ts';

test('one thing is told in the singular, with its verb where there is one', () => {
  expect([0, 1, 2].map((count) => many(count, 'piece'))).toEqual(['0 pieces', '1 piece', '2 pieces']);
  expect([1, 2].map((count) => many(count, 'process ends', 'processes end'))).toEqual([
    '1 process ends',
    '2 processes end',
  ]);
});
