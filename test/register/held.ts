import type { Drill } from '../../chaos/schema/drill.ts';
import { probeTarget } from '../../orchestrator/judge/probes.ts';
import { planMeter } from '../../orchestrator/objectives/kinds/index.ts';
import type { VerdictRows } from '../../orchestrator/promises/verdict-rows.ts';
import type { SummaryRow } from '../../scenarios/lib/objectives/summary-row.ts';
import type { Objective } from '../../thresholds/objective.ts';
import { expectedOf } from './resolve.ts';

export const at = '2026-11-30T12:00:00.000Z';

/** The verdict of a run of this drill in which everything held, by the names and bounds that real runs write down. */
export function heldVerdict(drill: Drill, objectives: readonly Objective[]): VerdictRows {
  const held = { measured: 0, result: 'PASS', reason: '' } as const;
  return {
    run: `run of ${drill.name}`,
    drill: drill.name,
    verdict: 'PASS',
    endedAt: at,
    objectives: objectives.map(planMeter).map(({ objective, phase, target }) => ({
      ...held,
      name: objective.name,
      phase,
      target,
    })),
    faults: drill.faults.map((fault) => ({
      name: fault.name,
      expectations: expectedOf(fault).map(([name, target]) => ({
        name,
        target,
        measured: '0',
        result: 'PASS',
      })),
    })),
    probes: drill.probes.map((probe) => ({
      name: probe.name,
      target: probeTarget(probe),
      measured: '',
      result: 'PASS',
    })),
    writes:
      drill.writes === undefined
        ? null
        : {
            ...{ acknowledged: 1, present: 1, lost: 0, duplicated: 0, lostIds: [], duplicatedIds: [] },
            ...{ result: 'PASS', reason: '' },
          },
  };
}

/** The rows of a scenario's summary as if everything had held; what it says that it cannot measure stays so. */
export function heldRows(rows: readonly SummaryRow[]): SummaryRow[] {
  return rows.map((row) => (row.result === 'not measured' ? row : { ...row, measured: 0, result: 'PASS' }));
}
