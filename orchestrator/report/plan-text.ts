import { inert } from '../../chaos/definitions/inert.ts';
import type { DrillPlan } from '../plan.ts';
import type { ResolvedPlan } from '../resolve-targets.ts';

export interface PlannedFaultRow {
  readonly name: string;
  readonly kind: string;
  readonly component: string;
  readonly atMs: number;
  readonly forMs: number | null;
  readonly targets: readonly string[];
  readonly candidates: readonly string[];
  readonly healthy: number;
}

/** What `squall plan` shows: the loads, and each fault with the targets that it would hit now. Free of secrets. */
export function describePlan(plan: DrillPlan, resolved: ResolvedPlan) {
  const faults = resolved.faults.map(
    ({ request: { fault }, resolution }): PlannedFaultRow => ({
      name: fault.name,
      kind: fault.kind,
      component: fault.component,
      atMs: fault.at,
      forMs: 'for' in fault ? fault.for : null,
      targets: resolution.targets.map(({ label }) => label),
      candidates: resolution.candidates.map(({ label }) => label),
      healthy: resolution.healthy,
    }),
  );
  const data = {
    drill: plan.drill.name,
    environment: plan.environment.name,
    loads: plan.loads.map(({ script, durationMs }) => ({ script, durationMs })),
    steadyForMs: plan.drill.steady.for,
    faults,
    objectives: plan.objectives.map(({ name, phase }) => ({ name, phase: phase ?? 'steady' })),
  };
  const lines = [
    `${data.drill} on ${data.environment}: nothing has been touched`,
    ...data.loads.map(
      ({ script, durationMs }) =>
        `  load   ${inert(script, 200)}  ${durationMs === null ? 'until it is done' : seconds(durationMs)}`,
    ),
    `  steady for ${seconds(data.steadyForMs)} before the first fault`,
    ...faults.map(faultLine),
    `  objectives: ${data.objectives.map(({ name, phase }) => `${name} (${phase})`).join(', ')}`,
  ];
  return { data, text: lines.join('\n') };
}

function faultLine(row: PlannedFaultRow): string {
  const lasts = row.forMs === null ? '' : ` for ${seconds(row.forMs)}`;
  const targets = inert(row.targets.join(', '), 300);
  return `  ${seconds(row.atMs).padStart(6)}  ${row.name}: ${row.kind} ${row.component}${lasts} -> ${targets} (${row.healthy} of ${row.candidates.length} healthy)`;
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))}s`;
}
