import { expect, test } from 'vitest';
import { journalOf } from '../../test/reference-target/recorded-run.ts';
import {
  type SimulatedRequest,
  samplesCsv,
  simulatedCsv,
  simulatedRun,
} from '../../test/reference-target/simulated-run.ts';
import type { Objective } from '../../thresholds/objective.ts';
import { judgeRun } from './judge.ts';

const ZERO = 1_790_000_000_000;
const WARM_MS = 2_000;
const LENGTH_MS = 8_000;

/** Slow and failing for two seconds, then as fast as it should be. */
const requests = Array.from({ length: LENGTH_MS / 20 }, (_, i): SimulatedRequest => {
  const isCold = i * 20 < WARM_MS;
  return { start: ZERO + i * 20, durationMs: isCold ? 900 : 5, failed: isCold && i % 2 === 0, name: 'GET /' };
});
const objectives: Objective[] = [
  { name: 'errors', errors: true, below: '1%', phase: 'all', minSamples: 10 },
  { name: 'p95', percentile: 95, below: '100ms', minSamples: 10 },
  { name: 'rate', throughput: true, atLeast: '49/s', phase: 'all', minSamples: 10 },
  { name: 'available', availability: true, atLeast: '99%', window: '30d', phase: 'all', minSamples: 10 },
];

test('what comes in the warm-up is shown, and judged by nobody', async () => {
  const { verdict, phases, objectives: rows, budget } = await judge({ after: WARM_MS, for: 1_000 });
  expect([verdict, rows.map(({ name, result }) => [name, result])]).toEqual([
    'PASS',
    objectives.map(({ name }) => [name, 'PASS']),
  ]);
  expect(
    phases.map(({ name, requests: count, errors, p95 }) => [name, count, errors, (p95 ?? 0) > 500]),
  ).toEqual([
    ['warm-up', 100, 50, true],
    ['steady', 300, 0, false],
  ]);
  expect(rows.map(({ samples }) => samples)).toEqual([300, 300, 300, 300]);
  expect(budget.map(({ objective, window }) => [objective, window])).toEqual([
    ['available', expect.anything()],
    ['available', expect.anything()],
  ]);
});

test('without one, the same run fails', async () => {
  const { verdict, phases, objectives: rows } = await judge({ for: 1_000 });
  expect([verdict, rows.map(({ result }) => result)]).toEqual(['FAIL', ['FAIL', 'FAIL', 'FAIL', 'FAIL']]);
  expect(phases.map(({ name }) => name)).toEqual(['steady']);
});

test('what became due in the warm-up and was seen after it is not missing', async () => {
  const counter = (metric: string, at: number, value: number) => ({ metric, at: ZERO + at, value });
  const samples = Array.from({ length: 8 }, (_, i) => [
    counter('iterations', i * 1000, 1),
    counter('late', i * 1000, 0),
    counter('due', i * 1000, 1),
    counter('due', i * 1000 + 1_500, -1),
  ]).flat();
  const open: Objective[] = [
    { name: 'none-late', counter: 'late', equals: 0, phase: 'all', open: 'due', minSamples: 1 },
  ];
  const { objectives: rows } = await judge({ after: WARM_MS, for: 1_000 }, open, samplesCsv(samples));
  expect(rows).toMatchObject([{ result: 'PASS', samples: 6 }]);
});

async function judge(
  steady: { readonly after?: number; readonly for: number },
  asked: readonly Objective[] = objectives,
  csv: string = simulatedCsv(requests),
) {
  const recorded = simulatedRun([csv], ZERO, ZERO + LENGTH_MS + 1_000);
  const first = { at: ZERO, event: { type: 'first-sample', time: ZERO } } as const;
  const run = journalOf(recorded, { objectives: asked, drill: { steady } as never }, [first]);
  const { verdict } = await judgeRun(run).finally(recorded.remove);
  return verdict;
}
