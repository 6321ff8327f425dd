import { expect, it } from 'vitest';
import { realisticRun } from '../fixtures/realistic.ts';
import { reasonsToShow as causesToShow } from './headline.ts';

const reasonsToShow = (of: Parameters<typeof causesToShow>[0]) => causesToShow(of).map(({ cause }) => cause);

const { verdict } = realisticRun('PASS').judgement;

it('counts what held: each has its row below', () => {
  expect(reasonsToShow(verdict)).toEqual([
    '11 objectives held, each on enough samples.',
    '4 faults took effect and ended, as observed: longest downtime 21.9 s (studio-cut-off).',
    '2 probes held.',
    '8\u202f412 of 8\u202f412 acknowledged writes are there.',
  ]);
});

it('says how many faults nobody noticed, and leaves out what the drill did not have', () => {
  const [first, ...others] = verdict.faults.map((fault) => ({ ...fault, failedRequests: 0, downtimeMs: 0 }));
  const felt = {
    ...verdict.faults[3],
    failedRequests: 7,
    downtimeMs: 1_500,
  } as (typeof verdict.faults)[number];
  const bare = { ...verdict, probes: [], writes: null };
  expect(reasonsToShow({ ...bare, faults: [first, felt] as (typeof felt)[] })[1]).toBe(
    '2 faults took effect and ended, as observed: 1 without a failed request, longest downtime 1.5 s (studio-cut-off).',
  );
  expect(reasonsToShow({ ...bare, faults: others.slice(0, 1) })[1]).toBe(
    '1 fault took effect and ended, as observed: not one request failed.',
  );
  expect(reasonsToShow({ ...bare, faults: [] })).toHaveLength(1);
});

it('tells of an outage that failed no request, because whoever waited got an answer in the end', () => {
  const [first] = verdict.faults;
  const frozen = { ...first, name: 'frozen', failedRequests: 0, downtimeMs: 5_000 } as typeof first;
  expect(reasonsToShow({ ...verdict, faults: [frozen] as (typeof verdict)['faults'] })[1]).toBe(
    '1 fault took effect and ended, as observed: not one request failed, longest downtime 5 s (frozen).',
  );
});

it('tells in full what was broken or not proven, by its causes where they are known', () => {
  const old = realisticRun('FAIL').judgement.verdict;
  expect(reasonsToShow(old)).toEqual(old.reasons);
  const invalid = realisticRun('INVALID').judgement.verdict;
  expect(causesToShow(invalid)).toBe(invalid.causes);
});

it('shows the notes of a run that passed', () => {
  const note = {
    result: 'NOTE',
    cause: 'A note.',
    consequence: null,
    advice: null,
    notMeasured: [],
  } as const;
  expect(reasonsToShow({ ...verdict, causes: [note] }).at(-1)).toBe('A note.');
});
