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

test.each<[string, Partial<WritesChecked>, string, object]>([
  ['once', {}, '9 of 9 acknowledged writes are there, once each', {}],
  [
    'cannot be told from twice',
    { seesDuplicates: false },
    '9 of 9 acknowledged writes are there; whether one is there twice cannot be told from a look-up of one at a time (`each`)',
    { seesDuplicates: false, duplicated: 0 },
  ],
])('all of them are there, and once: %s: PASS', (_, more, reason, row) => {
  const counts = { acknowledged: 9, present: 9, lostIds: [], duplicatedIds: [], failure: null };
  const result = judgeWrites(started, { type: 'writes-checked', ...counts, ...more }, 9, false);
  expect(result).toMatchObject({ result: 'PASS', reason });
  expect({ ...result }).toMatchObject(row);
});

test('a drill that allows duplicates is not told that each is there once: PASS', () => {
  const allows = { drill: { writes: { lost: 0, duplicated: 2 } } } as unknown as RunStarted;
  const counts = { acknowledged: 9, present: 9, lostIds: [], duplicatedIds: ['c'], failure: null };
  expect(judgeWrites(allows, { type: 'writes-checked', ...counts }, 9)).toMatchObject({
    result: 'PASS',
    reason: '9 of 9 acknowledged writes are there, 1 of them more than once',
    allowed: { lost: 0, duplicated: 2 },
  });
});
