import { expect, onTestFinished, test } from 'vitest';
import { journalOf } from '../../test/reference-target/recorded-run.ts';
import { simulatedCsv, simulatedRun } from '../../test/reference-target/simulated-run.ts';
import type { StopCause } from '../journal/events.ts';
import { judgeRun } from './judge.ts';

const ZERO = 1_790_000_000_000;

/** A load that failed from its first request on, stopped after five seconds for this cause. */
async function judged(cause: StopCause) {
  const requests = Array.from({ length: 50 }, (_, i) => ({
    start: ZERO + i * 100,
    durationMs: 0.3,
    failed: true,
  }));
  const recorded = simulatedRun([simulatedCsv(requests)], ZERO, ZERO + 5_000);
  onTestFinished(recorded.remove);
  const objectives = [
    { name: 'errors', errors: true, below: '1%', phase: 'all', minSamples: 1 },
    { name: 'enough', throughput: true, atLeast: '1/s', phase: 'all', minSamples: 1 },
  ] as const;
  const drill = { faults: [], load: [{ script: 'own.js', vars: {} }] };
  const run = journalOf(recorded, { objectives, drill }, [
    { at: ZERO + 5_000, event: { type: 'stopped', cause, reason: 'not one was answered' } },
  ]);
  return (await judgeRun(run)).verdict;
}

test('a run without a target is invalid for one cause, whatever its objectives say', async () => {
  const { verdict, causes } = await judged('unreached');
  expect(verdict).toBe('INVALID');
  expect(causes?.[0]).toMatchObject({
    result: 'INVALID',
    cause: expect.stringContaining('(unreached): not one was answered'),
    consequence: 'So the run is not whole, and 2 objectives were not measured.',
  });
  expect(causes?.filter(({ result }) => result !== 'NOTE')).toHaveLength(1);
});

test('the same errors in a run that was stopped for something else break the promise', async () => {
  expect((await judged('signal')).verdict).toBe('FAIL');
});
