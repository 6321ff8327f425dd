import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Testbed } from '../lib/testbed.ts';
import { type Cloud, type CloudName, createClouds } from './clouds.ts';

function clouds({ secondStudio = true, neverFailOver = false } = {}) {
  // No link is announced there.
  const dir = path.join(os.tmpdir(), 'no-testbed-of-squall');
  const testbed: Testbed = {
    ...{ id: 'x', dir, dataDir: dir, basePort: 9_000, runAs: null },
    ...(secondStudio ? { secondStudio } : {}),
  };
  const switches: CloudName[] = [];
  const made = createClouds(testbed, { neverFailOver: () => neverFailOver }, (to) => switches.push(to));
  return { ...made, switches, first: made.all[0] as Cloud, second: made.all[1] as Cloud };
}
const times = (count: number, act: () => void): void => {
  for (let i = 0; i < count; i++) act();
};

test('requests go to the second cloud after three failures in a row of the first, and back after three answers', () => {
  const { first, current, switches } = clouds();
  times(2, first.failed);
  first.answered();
  times(2, first.failed);
  expect(current().name).toBe('first');
  first.failed();
  expect(current().name).toBe('second');
  times(2, first.answered);
  first.failed();
  times(2, first.answered);
  expect(current().name).toBe('second');
  first.answered();
  expect(current().name).toBe('first');
  expect(switches).toEqual(['second', 'first']);
});

test('while neither can be reached, requests stay where they are', () => {
  const { first, second, current, after } = clouds();
  times(3, second.failed);
  expect(after(first).name).toBe('first');
  times(3, first.failed);
  expect(current().name).toBe('first');
  times(3, second.answered);
  expect(current().name).toBe('second');
  times(3, second.failed);
  expect(current().name).toBe('second');
});

test('a request that failed goes to the other cloud, before the first is given up', () => {
  const { first, second, after } = clouds();
  first.failed();
  expect(after(first).name).toBe('second');
  expect(after(second).name).toBe('first');
});

test('without a second cloud, or with the switch, everything stays with the first', () => {
  for (const { first, current, after, switches } of [
    clouds({ secondStudio: false }),
    clouds({ neverFailOver: true }),
  ]) {
    times(10, first.failed);
    expect([current().name, after(first).name, switches]).toEqual(['first', 'first', []]);
  }
});
