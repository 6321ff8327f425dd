import { expect, test } from 'vitest';
import { countsOf, since, whatIsWrong } from './compare.ts';

/** `answers`, of which so many failed, and each of which took so many milliseconds. */
const counts = (answers: number, failed: number, ms: number) => ({
  good: answers - failed,
  failed,
  seconds: (answers * ms) / 1_000,
});
const old = counts(1_000, 0, 20);

test.each([
  ['2 % errors', counts(100, 2, 20), '2.0 % of its answers fail'],
  ['2.5 times the latency', counts(100, 0, 50), 'it takes 2.5 times as long'],
])('a version with %s has to go', (_, candidate, reason) => {
  expect(whatIsWrong(old, candidate, 100)).toBe(reason);
});

test.each([
  ['1 % errors', counts(100, 1, 20)],
  ['twice the latency', counts(100, 0, 40)],
  ['too few answers to tell', counts(99, 50, 90)],
])('a version with %s may stay', (_, candidate) => {
  expect(whatIsWrong(old, candidate, 100)).toBeUndefined();
});

test('a few milliseconds are no difference, and few answers of the old version nothing to compare with', () => {
  expect(whatIsWrong(counts(1_000, 0, 1), counts(100, 0, 5), 100)).toBeUndefined();
  expect(whatIsWrong(counts(99, 0, 20), counts(100, 0, 90), 100)).toBeUndefined();
});

test('a page tells of each version apart', () => {
  const page = `version_requests_total{version="v1",outcome="good"} 7
version_requests_total{version="v2",outcome="good"} 5
version_requests_total{version="v2",outcome="failed"} 2
version_seconds_total{version="v2"} 0.5
`;
  expect(countsOf(page, 'v2')).toEqual({ good: 5, failed: 2, seconds: 0.5 });
  expect(since(countsOf(page, 'v2'), { good: 1, failed: 1, seconds: 0.25 })).toEqual({
    good: 4,
    failed: 1,
    seconds: 0.25,
  });
  expect(countsOf(page, 'v3')).toEqual({ good: 0, failed: 0, seconds: 0 });
});
