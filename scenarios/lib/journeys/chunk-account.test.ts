import { expect, test } from 'vitest';
import { createChunkAccount } from './chunk-account.ts';

test('each chunk is answered or lost with its number, by the connection that it went out on', () => {
  const account = createChunkAccount();
  for (const seq of [0, 1, 2]) expect(account.due(seq, 1)).toBe(false);
  account.answered(0);
  expect(account.due(3, null)).toBe(true);
  account.due(4, 2);
  expect(account.unaccounted()).toBe(3);
  expect(account.lostWith(1)).toEqual([1, 2]);
  expect(account.lostWith(1)).toEqual([]);
  expect(account.rest()).toEqual([4]);
  expect(account.unaccounted()).toBe(0);
});

test('an answer that comes twice, late or to nothing does not make up for another chunk', () => {
  const account = createChunkAccount();
  account.due(0, 1);
  account.due(1, 1);
  account.answered(0);
  account.answered(0);
  account.answered(7);
  expect(account.unaccounted()).toBe(1);
  expect(account.lostWith(1)).toEqual([1]);
  account.answered(1);
  expect(account.unaccounted()).toBe(0);
});
