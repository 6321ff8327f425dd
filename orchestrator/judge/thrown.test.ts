import { expect, test } from 'vitest';
import { threwUnseen } from './thrown.ts';

const steady = { from: 100_000, to: 120_000 };
const inFault = { from: 120_400, to: 130_400 };
/** So many in each second of both. */
const thrown = (usual: number, inIt: number) =>
  Array.from({ length: 31 }, (_, i) => ({
    scenario: 's',
    second: 100 + i,
    count: i < 20 ? usual : inIt,
  }));

test.each([
  ['nothing threw', 0, 0, 0, 0],
  ['each had a request that failed', 0, 5, 55, 0],
  ['no request failed', 0, 5, 0, 55],
  ['some had one', 0, 5, 20, 35],
  ['as many as ever', 5, 5, 0, 0],
  ['more than ever', 5, 20, 0, 170],
])('%s', (_, usual, inIt, failed, unseen) => {
  expect(threwUnseen({ thrown: thrown(usual, inIt), inFault, steady, failed })).toBe(unseen);
});

test('a single one that threw, where none ever did, is one too many', () => {
  const one = [{ scenario: 's', second: 125, count: 1 }];
  expect(threwUnseen({ thrown: one, inFault, steady, failed: 0 })).toBe(1);
  expect(threwUnseen({ thrown: one, inFault, steady: null, failed: 0 })).toBe(1);
  expect(
    threwUnseen({ thrown: [{ scenario: 's', second: 131, count: 1 }], inFault, steady, failed: 0 }),
  ).toBe(0);
});
