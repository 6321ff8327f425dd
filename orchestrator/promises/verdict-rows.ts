import type { Cause, Verdict } from '../verdict.types.ts';
import type { MeasuredRow, MeasuredRun } from './measured-run.ts';

/** The part of a verdict that is read here: older and newer ones have it alike. */
export type VerdictRows = Pick<Verdict, 'run' | 'drill' | 'verdict' | 'endedAt' | 'writes'> & {
  readonly environment?: string;
  readonly vars?: Readonly<Record<string, string>>;
  readonly causes?: readonly Pick<Cause, 'result' | 'cause' | 'wholeRun'>[];
  readonly objectives: readonly Pick<
    Verdict['objectives'][number],
    'name' | 'phase' | 'target' | 'measured' | 'result' | 'reason'
  >[];
  readonly faults: readonly Pick<Verdict['faults'][number], 'name' | 'expectations'>[];
  readonly probes: readonly Pick<Verdict['probes'][number], 'name' | 'target' | 'measured' | 'result'>[];
};

/** All that a drill's run measured. */
export function ofVerdict(verdict: VerdictRows): MeasuredRun {
  const { objectives, faults, probes, writes } = verdict;
  const rows: MeasuredRow[] = [
    ...objectives.map((row) => ({
      ...pick(row),
      what: 'objective' as const,
      phase: row.phase,
      reason: row.reason,
    })),
    ...faults.flatMap(({ name, expectations }) =>
      expectations.map((row) => ({
        ...pick(row),
        what: 'expectation' as const,
        name: `${name}.${row.name}`,
        phase: null,
        reason: '',
      })),
    ),
    ...probes.map((row) => ({ ...pick(row), what: 'probe' as const, phase: null, reason: '' })),
  ];
  if (writes !== null)
    for (const name of ['lost', 'duplicated'] as const) {
      const { result, reason, seesDuplicates } = writes;
      // The drill may allow some; this row is held against none.
      const ofNone = writes[name] > 0 ? 'FAIL' : 'PASS';
      const row = { what: 'writes', name, phase: null, target: '= 0', reason } as const;
      rows.push(
        name === 'duplicated' && ofNone === 'PASS' && seesDuplicates === false
          ? { ...row, measured: null, result: 'not measured', reason: NOT_SEEN }
          : { ...row, measured: writes[name], result: result === 'INVALID' ? 'INVALID' : ofNone },
      );
    }
  // A broken promise comes before it in the verdict, and makes no better run of this one.
  const unusable = verdict.causes?.find((one) => one.wholeRun && one.result === 'INVALID');
  return {
    kind: 'drill',
    name: verdict.drill,
    run: verdict.run,
    ...(verdict.environment === undefined ? {} : { environment: verdict.environment }),
    ...(verdict.vars === undefined ? {} : { vars: verdict.vars }),
    at: verdict.endedAt,
    verdict: verdict.verdict,
    ...(unusable === undefined ? {} : { unusable: unusable.cause }),
    rows,
  };
}

const NOT_SEEN = 'the look-up cannot tell once from twice (`each` with one write for each id)';

function pick<
  Row extends {
    name: string;
    target: string;
    measured: number | string | null;
    result: MeasuredRow['result'];
  },
>({ name, target, measured, result }: Row) {
  return { name, target, measured, result };
}
