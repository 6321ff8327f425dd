import { expect, test } from 'vitest';
import type { WritesResult } from '../verdict.types.ts';
import { ofVerdict, type VerdictRows } from './verdict-rows.ts';

const writes: WritesResult = {
  ...{ acknowledged: 9, present: 9, lost: 0, duplicated: 0, lostIds: [], duplicatedIds: [] },
  ...{ result: 'PASS', reason: 'told' },
};
const verdict: VerdictRows = {
  ...{ run: 'r', drill: 'd', verdict: 'FAIL', endedAt: '2026-11-01T10:00:00.000Z' },
  ...{ objectives: [], faults: [], probes: [], writes: null },
};
const rowsOf = (given: Partial<WritesResult>) =>
  ofVerdict({ ...verdict, writes: { ...writes, ...given } }).rows.map(
    ({ name, target, measured, result }) => [name, target, measured, result],
  );

test.each<[string, Partial<WritesResult>, string, string]>([
  ['the drill allows some lost', { lost: 3, result: 'PASS' }, 'FAIL', 'PASS'],
  ['the drill allows some twice', { duplicated: 2, result: 'PASS' }, 'PASS', 'FAIL'],
  ['lost', { lost: 3, result: 'FAIL' }, 'FAIL', 'PASS'],
  ['there twice', { duplicated: 2, result: 'FAIL' }, 'PASS', 'FAIL'],
  ['neither', {}, 'PASS', 'PASS'],
  ['not known', { lost: 1, result: 'INVALID' }, 'INVALID', 'INVALID'],
])('writes against none: %s', (_, given, lost, duplicated) => {
  expect(rowsOf(given)).toEqual([
    ['lost', '= 0', given.lost ?? 0, lost],
    ['duplicated', '= 0', given.duplicated ?? 0, duplicated],
  ]);
});

test('duplicates that the look-up cannot see are not measured; those that it saw are', () => {
  expect(rowsOf({ seesDuplicates: false })).toEqual([
    ['lost', '= 0', 0, 'PASS'],
    ['duplicated', '= 0', null, 'not measured'],
  ]);
  expect(rowsOf({ seesDuplicates: false, duplicated: 1 })[1]).toEqual(['duplicated', '= 0', 1, 'FAIL']);
});

test.each([
  ['of the run', [{ result: 'INVALID', cause: 'stopped', wholeRun: true }], 'stopped'],
  ['of one row', [{ result: 'INVALID', cause: 'too few samples' }], undefined],
  ['broken', [{ result: 'FAIL', cause: 'broken' }], undefined],
  ['of an older squall', undefined, undefined],
] as const)('a verdict of FAIL with a cause %s: is the rest usable?', (_, causes, unusable) => {
  expect(ofVerdict(causes === undefined ? verdict : { ...verdict, causes }).unusable).toBe(unusable);
});
