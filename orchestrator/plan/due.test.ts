import { expect, test } from 'vitest';
import type { Objective } from '../../thresholds/objective.ts';
import { withDue } from './due.ts';

const dropped: Objective = { name: 'dropped', counter: 'vocal_dropped', equals: 0, phase: 'all' };
const least = [new Map([['vocal_dropped_samples', 50]])];

test('a counter owes over the whole run what the thresholds of all loads ask for', () => {
  expect(withDue(dropped, least)).toEqual({ ...dropped, minSamples: 50 });
  expect(withDue(dropped, [...least, ...least, new Map()])).toEqual({ ...dropped, minSamples: 100 });
});

test('the samples of a selection are those of its tags', () => {
  const late: Objective = { ...dropped, where: { stage: 'late', scenario: 's' } };
  expect(withDue(late, least)).toBe(late);
  const selected = [new Map([['vocal_dropped_samples{stage:late,scenario:s}', 7]])];
  expect(withDue(late, selected).minSamples).toBe(7);
});

test('a rate owes no fewer than it asks for by itself', () => {
  const failed: Objective = {
    name: 'failed',
    rate: 'beat_failed',
    below: '1%',
    minSamples: 10,
    phase: 'all',
  };
  expect(withDue(failed, [new Map([['beat_failed_samples', 30]])]).minSamples).toBe(30);
  expect(withDue(failed, [new Map([['beat_failed_samples', 3]])])).toBe(failed);
});

test('what the bound of a rate asks for stays', () => {
  const right: Objective = { name: 'right', rate: 'pitch_right', atLeast: '99%', phase: 'all' };
  expect(withDue(right, [new Map([['pitch_right_samples', 300]])])).toBe(right);
});

test('of a phase nobody knows how much of it is due', () => {
  const steady: Objective = { name: 'dropped', counter: 'vocal_dropped', equals: 0 };
  expect(withDue(steady, least)).toBe(steady);
  const lost: Objective = { ...dropped, phase: 'fault:lost' };
  expect(withDue(lost, least)).toBe(lost);
});

test('what is measured on requests is not touched', () => {
  const errors: Objective = { name: 'errors', errors: true, below: '1%', phase: 'all' };
  expect(withDue(errors, least)).toBe(errors);
});
