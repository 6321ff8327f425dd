import { expect, test } from 'vitest';
import { notPassedOn } from './environment.ts';
import { countThrown } from './thrown.ts';

const at = (second: number) => new Date(second * 1_000).toISOString();

test('what is thrown is counted by scenario and second', () => {
  const counts = countThrown();
  for (const [scenario, second] of [
    ['a', 7],
    ['b', 7],
    ['a', 7],
    ['', 9],
    ['a', 8],
  ] as const)
    counts.add(scenario, at(second));
  expect(counts.total()).toBe(5);
  expect(counts.list()).toEqual([
    { scenario: 'a', second: 7, count: 2 },
    { scenario: 'a', second: 8, count: 1 },
    { scenario: 'b', second: 7, count: 1 },
    { scenario: '', second: 9, count: 1 },
  ]);
});

test('hours of throwing cost no more memory than a minute, and no throw is lost', () => {
  const counts = countThrown(100);
  for (let second = 0; second < 20_000; second++)
    for (const scenario of ['__proto__', 'b']) counts.add(scenario, at(second));
  const list = counts.list();
  expect(list.length).toBeLessThanOrEqual(100);
  expect(list.length).toBeGreaterThan(40);
  expect(list.reduce((sum, { count }) => sum + count, 0)).toBe(40_000);
  expect(new Set(list.map(({ scenario }) => scenario))).toEqual(new Set(['__proto__', 'b']));
});

test('more scenarios than counts keep one each; an invalid time is in the total', () => {
  const counts = countThrown(2);
  for (const scenario of ['a', 'b', 'c', 'a']) counts.add(scenario, at(5));
  counts.add('a', 'yesterday');
  expect(counts.list()).toHaveLength(3);
  expect(counts.total()).toBe(5);
});

test('what a shell says to k6 is named, what it says to squall or to others is not', () => {
  const env = { K6_VUS: '5', K6_BIN: '/k6', PATH: '/bin', K6_DURATION: '1s', XK6: '1' };
  expect(notPassedOn(env)).toEqual(['K6_DURATION', 'K6_VUS']);
});
