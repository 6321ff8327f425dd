import { expect, test } from 'vitest';
import { journalOf } from '../../test/reference-target/recorded-run.ts';
import { simulatedCsv, simulatedRun } from '../../test/reference-target/simulated-run.ts';
import type { Objective } from '../../thresholds/objective.ts';
import { judgeRun } from './judge.ts';

const ZERO = 1_790_000_000_000;

test('an objective about a request name that the load never had lists the names that it had', async () => {
  const requests = Array.from({ length: 400 }, (_, i) => ({
    start: ZERO + i * 10,
    durationMs: 5,
    failed: false,
    name: i % 2 === 0 ? 'GET /a' : 'POST /b',
  }));
  const objectives: Objective[] = [
    { name: 'mistyped', where: { name: 'GET /A' }, percentile: 95, below: '100ms' },
    { name: 'right', where: { name: 'GET /a' }, percentile: 50, below: '100ms' },
  ];
  const recorded = simulatedRun([simulatedCsv(requests)], ZERO, ZERO + 5_000);
  const { verdict } = await judgeRun(journalOf(recorded, { objectives })).finally(recorded.remove);
  expect(verdict.objectives).toMatchObject([
    { result: 'INVALID', samples: 0, reason: 'no request is named GET /A; seen: GET /a, POST /b' },
    { result: 'PASS', samples: 200 },
  ]);
});
