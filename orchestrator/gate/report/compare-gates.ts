import type { ComparedRun, DifferenceRow, RunComparison } from '../../report/compare/compare.types.ts';
import { differenceRow, matched } from '../../report/compare/difference-row.ts';
import type { GateResult } from '../gate.types.ts';

export interface NamedGate {
  readonly run: string;
  readonly result: GateResult;
}

/** The differences between two gates: their checks, and what each comparison answered. A pure function. */
export function compareGates(a: NamedGate, b: NamedGate): RunComparison {
  return {
    schema: 1,
    kind: 'gate',
    a: sideOf(a),
    b: sideOf(b),
    notes: notesOf(a, b),
    rows: [...checkRows(a.result, b.result), ...comparisonRows(a.result, b.result)],
  };
}

function sideOf({ run, result: { suite, verdict, reasons } }: NamedGate): ComparedRun {
  return { run, of: suite, environment: null, startedAt: null, verdict, reasons };
}

function notesOf(a: NamedGate, b: NamedGate): string[] {
  const notes: string[] = [];
  if (a.result.suite !== b.result.suite)
    notes.push(`Not the same suite: A is ${a.result.suite}, B is ${b.result.suite}.`);
  for (const [name, { result }] of [['A', a] as const, ['B', b] as const])
    if (result.verdict === 'INVALID')
      notes.push(`${name} is INVALID, so it proves nothing: ${result.reasons[0] ?? 'no reason was given'}`);
  notes.push(
    'Each answer compares a candidate with its own baseline. Whether the two candidates differ, only a gate of one against the other tells.',
  );
  return notes;
}

function checkRows(a: GateResult, b: GateResult): DifferenceRow[] {
  return matched(a.checks, b.checks, ({ name }) => name).map(({ key, a: x, b: y }) =>
    differenceRow(
      { group: 'Checks', name: key, unit: 'text' },
      x && { value: x.reasons[0] ?? '', result: x.verdict },
      y && { value: y.reasons[0] ?? '', result: y.verdict },
    ),
  );
}

function comparisonRows(a: GateResult, b: GateResult): DifferenceRow[] {
  const key = ({ name, request, measure }: GateResult['comparisons'][number]) =>
    `${name}: ${request} ${measure}`;
  return matched(a.comparisons, b.comparisons, key).flatMap(({ key: name, a: x, b: y }) => {
    const measure = (y ?? x)?.measure ?? '';
    const unit = measure === 'errors' ? 'share' : measure === 'throughput' ? 'per second' : 'ms';
    return [
      differenceRow(
        { group: 'Candidate over baseline', name, unit: 'ratio' },
        x && { value: x.ratio, result: x.answer },
        y && { value: y.ratio, result: y.answer },
      ),
      differenceRow(
        { group: 'Candidates', name, unit },
        x && { value: x.candidate },
        y && { value: y.candidate },
      ),
    ];
  });
}
