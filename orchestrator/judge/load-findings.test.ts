import { expect, test } from 'vitest';
import { loadEnded } from '../../test/reference-target/load-ended.ts';
import { find, fine, loadStarted, read } from './fixtures/find.ts';

test("a script's own thresholds count, a scenario's do not: its objectives are judged by phase", () => {
  const crossed = [loadStarted, loadEnded({ exitCode: 99 }), { type: 'run-ended' } as const];
  expect(find(crossed, { script: 'own.js' })).toMatchObject([{ result: 'FAIL' }]);
  expect(find(crossed)).toEqual([]);
});

test('where most requests fail, k6 is quoted', () => {
  const about = (failed: number) =>
    find(fine, {
      read: { counts: { ...read.counts, failures: new Map([['dial: connection refused', failed]]) } },
    });
  expect(about(49)).toEqual([]);
  expect(about(50)).toEqual([
    { result: 'NOTE', text: 'Load 1 (spike): 50 of 100 requests failed: 50 × dial: connection refused.' },
  ]);
});

test('requests that k6 was told not to judge, and tags with two readings, are noted', () => {
  const about = (change: object) => find(fine, { read: { counts: { ...read.counts, ...change } } });
  expect(about({ unjudged: new Map([['GET /', 7]]) })).toEqual([
    {
      result: 'NOTE',
      text: 'Load 1 (spike): k6 was told not to judge 7 requests (GET /); their status did: 200 to 399 is good.',
    },
  ]);
  expect(about({ unjudged: new Map([['GET /', 7]]), unknown: 7 })).toMatchObject([{ result: 'INVALID' }]);
  expect(about({ ambiguous: 3, ambiguousTags: 'q=a&b' })).toMatchObject([
    { result: 'NOTE', text: expect.stringContaining('3 requests have an & in a tag of the script') },
  ]);
});

test('what the first of a few iterations threw is quoted, without its stack', () => {
  const thrown = [{ scenario: 'default', second: 3, count: 2 }];
  const firstThrown = 'TypeError: no such basket\n\tat default (file:///script.js:3:9(4))';
  const ended = loadEnded({ scriptErrors: 2, thrown, firstThrown });
  expect(find([loadStarted, ended, { type: 'run-ended' }])).toEqual([
    {
      result: 'NOTE',
      text: 'The scenario default of Load 1 (spike) threw an error in 2 of 100 iterations (2 %); the first threw: "TypeError: no such basket".',
    },
  ]);
});
