import { readableMs } from '../../objectives/number-text.ts';
import type { FaultResult, Verdict } from '../../verdict.types.ts';
import type { RunFacts } from '../facts.ts';
import { between } from '../text/format.ts';
import type { ComparedRun, DifferenceRow, RunComparison } from './compare.types.ts';
import { differenceRow, matched } from './difference-row.ts';

export interface JudgedRun {
  readonly verdict: Verdict;
  readonly facts: RunFacts;
}

/**
 * The differences between two runs of drills. A pure function. Runs of different drills or environments are compared where both have the
 * same thing; the notes say so. It does not say whether a difference is noise: two runs cannot.
 */
export function compareDrills(a: JudgedRun, b: JudgedRun): RunComparison {
  return {
    schema: 1,
    kind: 'drill',
    a: sideOf(a.verdict),
    b: sideOf(b.verdict),
    notes: notesOf(a, b),
    rows: [
      ...objectiveRows(a.verdict, b.verdict),
      ...phaseRows(a.verdict, b.verdict),
      ...faultRows(a.verdict, b.verdict),
      ...probeRows(a.verdict, b.verdict),
      ...wholeRunRows(a.verdict, b.verdict),
    ].filter(isSeen),
  };
}

/** A row of two dashes tells nothing. */
function isSeen({ a, b, aResult, bResult }: DifferenceRow): boolean {
  return (a ?? b ?? aResult ?? bResult ?? null) !== null;
}

function sideOf({ run, drill, environment, startedAt, verdict, reasons }: Verdict): ComparedRun {
  return { run, of: drill, environment, startedAt, verdict, reasons };
}

export const TWO_RUNS =
  'Two runs differ by chance, too: a change of a few per cent between them proves nothing. `squall gate` tells a regression from noise.';

function notesOf(a: JudgedRun, b: JudgedRun): string[] {
  const notes: string[] = [];
  const differ = (what: string, pick: (run: JudgedRun) => string) => {
    const [x, y] = [pick(a), pick(b)];
    if (x !== y) notes.push(`Not the same ${what}: A has ${x}, B has ${y}.`);
  };
  differ('drill', ({ verdict }) => verdict.drill);
  differ('environment', ({ verdict }) => verdict.environment);
  differ('load', ({ facts }) => loadText(facts) || 'none');
  differ('k6', ({ facts }) => [...new Set(facts.loads.map(({ k6 }) => k6))].join(', ') || 'none');
  differ('squall', ({ facts }) => facts.started?.squall ?? 'an unknown one');
  differ('machine', ({ facts }) => machineText(facts));
  for (const [name, { verdict, facts }] of [['A', a] as const, ['B', b] as const]) {
    if (verdict.verdict === 'INVALID')
      notes.push(`${name} is INVALID, so it proves nothing: ${verdict.reasons[0] ?? 'no reason was given'}`);
    if (facts.stops.length > 0) notes.push(`${name} was stopped before its end: ${facts.stops[0]?.reason}`);
    const unable = verdict.machine?.stoodStillMs ?? 0;
    if (unable > 0)
      notes.push(`The machine that generated the load of ${name} stood still for ${readableMs(unable)}.`);
  }
  return [...notes, TWO_RUNS];
}

function loadText({ loads }: RunFacts): string {
  return loads
    .map(({ script, vars }) => {
      const file = script.split('/').at(-1) ?? script;
      return [file, ...vars.map(([name, value]) => `${name}=${value}`)].join(' ');
    })
    .join(', ');
}

function machineText({ started }: RunFacts): string {
  if (started === null) return 'an unknown one';
  const { os, cpus, memoryMb } = started.machine;
  return `${os}, ${cpus} CPUs, ${Math.round(memoryMb / 1024)} GiB`;
}

/** An objective whose bound was moved is another promise: it has a row for each. */
function objectiveRows(a: Verdict, b: Verdict): DifferenceRow[] {
  const key = ({ name, phase, target }: Verdict['objectives'][number]) => `${name} (${phase}): ${target}`;
  return matched(a.objectives, b.objectives, key).map(({ key: name, a: x, b: y }) =>
    differenceRow(
      { group: 'Objectives', name, unit: 'target', target: (y ?? x)?.target ?? '' },
      x && { value: x.measured, result: x.result },
      y && { value: y.measured, result: y.result },
    ),
  );
}

function phaseRows(a: Verdict, b: Verdict): DifferenceRow[] {
  return matched(a.phases, b.phases, ({ name }) => name).flatMap(({ key, a: x, b: y }) => {
    const row = (
      what: string,
      unit: DifferenceRow['unit'],
      of: (phase: Verdict['phases'][number]) => number | null,
    ) =>
      differenceRow(
        { group: 'Phases', name: `${key}: ${what}`, unit },
        x && { value: of(x) },
        y && { value: of(y) },
      );
    return [
      row('requests', 'per second', ({ from, to, requests }) => {
        const ms = between(from, to) ?? 0;
        return ms > 0 ? (requests * 1000) / ms : null;
      }),
      row('bad events', 'share', ({ requests, dropped, errors }) => {
        const due = requests + dropped;
        return due === 0 ? null : errors / due;
      }),
      row('p50', 'ms', ({ p50 }) => p50),
      row('p95', 'ms', ({ p95 }) => p95),
      row('p99', 'ms', ({ p99 }) => p99),
    ];
  });
}

function faultRows(a: Verdict, b: Verdict): DifferenceRow[] {
  return matched(a.faults, b.faults, ({ name }) => name).flatMap(({ key, a: x, b: y }) => {
    const row = (
      what: string,
      unit: DifferenceRow['unit'],
      of: (fault: FaultResult) => number | string | null,
    ) =>
      differenceRow(
        { group: 'Faults', name: `${key}: ${what}`, unit },
        x && { value: of(x) },
        y && { value: of(y) },
      );
    return [
      differenceRow(
        { group: 'Faults', name: `${key}: result`, unit: 'text' },
        x && { value: `${x.kind} ${x.component}`, result: x.result },
        y && { value: `${y.kind} ${y.component}`, result: y.result },
      ),
      row('detected after', 'ms', ({ detectedAfterMs }) => detectedAfterMs),
      row('recovered after', 'ms', ({ recoveredAfterMs }) => recoveredAfterMs),
      row('downtime', 'ms', ({ downtimeMs }) => downtimeMs),
      row('failed requests', 'count', ({ failedRequests }) => failedRequests),
    ];
  });
}

function probeRows(a: Verdict, b: Verdict): DifferenceRow[] {
  return matched(a.probes, b.probes, ({ name }) => name).map(({ key, a: x, b: y }) =>
    differenceRow(
      { group: 'Probes', name: `${key}: ${y?.target ?? x?.target ?? ''}`, unit: 'text' },
      x && { value: x.measured, result: x.result },
      y && { value: y.measured, result: y.result },
    ),
  );
}

function wholeRunRows(a: Verdict, b: Verdict): DifferenceRow[] {
  const rows: DifferenceRow[] = [];
  const row = (
    name: string,
    unit: DifferenceRow['unit'],
    of: (run: Verdict) => number | null | undefined,
  ) => {
    const [x, y] = [of(a), of(b)];
    if (x === undefined && y === undefined) return;
    const side = (value: number | null | undefined) => (value === undefined ? undefined : { value });
    rows.push(differenceRow({ group: 'The whole run', name, unit }, side(x), side(y)));
  };
  row('took', 'ms', ({ startedAt, endedAt }) => between(startedAt, endedAt));
  row('acknowledged writes', 'count', ({ writes }) => writes?.acknowledged);
  row('lost writes', 'count', ({ writes }) => writes?.lost);
  row('duplicated writes', 'count', ({ writes }) => writes?.duplicated);
  row('machine: late at worst', 'ms', ({ machine }) => machine?.lateMaxMs);
  row('machine: busy', 'share', ({ machine }) => machine?.busyShare);
  row('machine: taken by its host', 'share', ({ machine }) => machine?.stealShare);
  return rows;
}
