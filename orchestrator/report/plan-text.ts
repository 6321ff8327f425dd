import { probeTarget } from '../judge/probes.ts';
import type { DrillPlan, ResolvedPlan } from '../plan.types.ts';
import { duration, offset } from './text/format.ts';
import { columns, hanging, shortPath, terminalLine } from './text/terminal-text.ts';

export interface PlannedFaultRow {
  readonly name: string;
  readonly kind: string;
  readonly component: string;
  readonly atMs: number;
  readonly forMs: number | null;
  readonly targets: readonly string[];
  /** What exactly each target is, where its provider says so. */
  readonly details: readonly { readonly target: string; readonly lines: readonly string[] }[];
  readonly candidates: readonly string[];
  readonly healthy: number;
}

/** What `squall plan` shows: the loads, each fault with the targets that it would hit now, and what will be asked of them. Free of secrets. */
export function planData(plan: DrillPlan, resolved: ResolvedPlan) {
  const faults = resolved.faults.map(
    ({ request: { fault }, resolution }): PlannedFaultRow => ({
      name: fault.name,
      kind: fault.kind,
      component: fault.component,
      atMs: fault.at,
      forMs: 'for' in fault ? fault.for : null,
      targets: resolution.targets.map(({ label }) => label),
      details: resolution.targets.map(({ label, details = [] }) => ({ target: label, lines: details })),
      candidates: resolution.candidates.map(({ label }) => label),
      healthy: resolution.healthy,
    }),
  );
  return {
    drill: plan.drill.name,
    environment: plan.environment.name,
    loads: plan.loads.map(({ script, durationMs }) => ({ script, durationMs })),
    warmUpMs: plan.drill.steady.after ?? 0,
    steadyForMs: plan.drill.steady.for,
    faults,
    objectives: plan.objectives.map(({ name, phase }) => ({ name, phase: phase ?? 'steady' })),
    probes: plan.drill.probes.map((probe) => ({ name: probe.name, target: probeTarget(probe) })),
    writes: plan.drill.writes ?? null,
  };
}

/** The same for people, within `width` columns. */
export function planText(data: ReturnType<typeof planData>, width: number): string {
  const heads = columns(
    data.faults.map((row) => [
      offset(row.atMs, 0),
      terminalLine(row.name),
      terminalLine(`${row.kind} ${row.component}${row.forMs === null ? '' : ` for ${duration(row.forMs)}`}`),
    ]),
    [0],
  );
  const phases = [...new Set(data.objectives.map(({ phase }) => phase))];
  const named = (phase: string) =>
    data.objectives.filter((one) => one.phase === phase).map(({ name }) => name);
  const loads = data.loads.map(
    ({ script, durationMs }) =>
      `${terminalLine(shortPath(script))}, ${durationMs === null ? 'until it is done' : duration(durationMs)}`,
  );
  return [
    `${data.drill} on ${data.environment}: nothing has been touched`,
    '',
    'Load',
    ...loads.flatMap((load) => hanging('  ', load, width)),
    '',
    `Faults, after ${data.warmUpMs === 0 ? '' : `${duration(data.warmUpMs)} of warm-up and `}${duration(data.steadyForMs)} of steady state`,
    ...data.faults.flatMap((row, index) => [
      `  ${heads[index]?.trimEnd()}`,
      ...hanging(
        '    ',
        `hits ${terminalLine(row.targets.join(', '))}; ${row.healthy} of ${row.candidates.length} healthy`,
        width,
      ),
      ...row.details.flatMap(({ target, lines }) =>
        lines.flatMap((line) =>
          hanging(
            row.targets.length > 1 ? `      ${terminalLine(target)}: ` : '      ',
            terminalLine(line),
            width,
          ),
        ),
      ),
    ]),
    ...(data.faults.length === 0 ? ['  none'] : []),
    '',
    'Objectives',
    ...phases.flatMap((phase) => hanging(`  ${phase}: `, named(phase).join(', '), width)),
    ...section(
      'Probes',
      data.probes.flatMap((probe) => hanging(`  ${probe.name}: `, probe.target, width)),
    ),
    ...section(
      'Acknowledged writes',
      data.writes === null
        ? []
        : [`  at most ${data.writes.lost} lost, ${data.writes.duplicated} there twice`],
    ),
  ].join('\n');
}

/** Nothing at all where there is nothing to say. */
function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}
