import type { Judgement } from '../judge/types.ts';
import type { Outcome, Verdict } from '../verdict.types.ts';

/** What a verdict means, in a sentence; the same in every artefact. */
export const MEANING: Readonly<Record<Outcome, string>> = {
  PASS: 'Every promise held, and every fault is proven.',
  FAIL: 'A promise was broken.',
  INVALID: 'This run proves nothing: neither that the promises hold nor that they do not.',
};

/** Beside the word, never instead of it. */
export const SYMBOL: Readonly<Record<Outcome, string>> = { PASS: '✔', FAIL: '✖', INVALID: '?' };

/** Worst first, otherwise in the order given. */
export function worstFirst<T extends { readonly result: Outcome }>(rows: readonly T[]): T[] {
  return (['FAIL', 'INVALID', 'PASS'] as const).flatMap((result) =>
    rows.filter((row) => row.result === result),
  );
}

/** The few numbers that an executive asks for. */
export interface Headline {
  readonly requests: number;
  readonly errors: number;
  /** Bad events against all that were due; null when nothing was. */
  readonly errorShare: number | null;
  readonly dropped: number;
  readonly steadyP95Ms: number | null;
  readonly longestDowntimeMs: number | null;
  readonly worstFault: string | null;
  readonly objectives: Tally;
  readonly faults: Tally;
}

export interface Tally {
  readonly passed: number;
  readonly total: number;
}

/** Totals come from the seconds of the whole run: phases may overlap. */
export function headline({ verdict, series }: Judgement): Headline {
  const sum = (key: 'requests' | 'errors' | 'dropped') =>
    series.seconds.reduce((total, second) => total + second[key], 0);
  const [requests, errors, dropped] = [sum('requests'), sum('errors'), sum('dropped')];
  const due = requests + dropped;
  const worst = verdict.faults.reduce<Verdict['faults'][number] | null>(
    (longest, fault) => (longest === null || fault.downtimeMs > longest.downtimeMs ? fault : longest),
    null,
  );
  return {
    requests,
    errors,
    errorShare: due === 0 ? null : Math.min(1, errors / due),
    dropped,
    steadyP95Ms: verdict.phases.find((phase) => phase.name === 'steady')?.p95 ?? null,
    longestDowntimeMs: worst?.downtimeMs ?? null,
    worstFault: worst?.name ?? null,
    objectives: tally(verdict.objectives),
    faults: tally(verdict.faults),
  };
}

function tally(rows: readonly { readonly result: Outcome }[]): Tally {
  return { passed: rows.filter((row) => row.result === 'PASS').length, total: rows.length };
}
