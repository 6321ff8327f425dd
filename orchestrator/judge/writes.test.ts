import { expect, test } from 'vitest';
import type { RunStarted, WritesChecked } from '../journal/events.ts';
import { judgeWrites } from './writes.ts';

const started = { drill: { writes: { lost: 0, duplicated: 0 } } } as unknown as RunStarted;
const reasonFor = (lostIds: string[], duplicatedIds: string[]) => {
  const counts = { acknowledged: 9, present: 9 - lostIds.length, failure: null };
  const checked: WritesChecked = { type: 'writes-checked', ...counts, lostIds, duplicatedIds };
  return judgeWrites(started, checked, 9, false);
};

test.each<[string[], string[], string]>([
  [['a'], [], '1 acknowledged write is lost (a)'],
  [['a', 'b'], [], '2 acknowledged writes are lost (a, b)'],
  [[], ['c'], '1 is there more than once (c)'],
  [['a'], ['c', 'd'], '1 acknowledged write is lost (a), 2 are there more than once (c, d)'],
])('lost %j and there twice %j: FAIL, told in the right number', (lost, duplicated, reason) => {
  expect(reasonFor(lost, duplicated)).toMatchObject({ result: 'FAIL', reason });
});
