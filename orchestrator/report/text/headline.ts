import type { Judgement } from '../../judge/types.ts';
import type { Cause, Outcome, Verdict } from '../../verdict.types.ts';
import { count, duration } from './format.ts';

/** What a verdict means, in a sentence; the same in every artefact. */
export const MEANING: Readonly<Record<Outcome, string>> = {
  PASS: 'Every promise held, and every fault is proven.',
  FAIL: 'A promise was broken.',
  INVALID: 'This run proves nothing: neither that the promises hold nor that they do not.',
};

/** Why, for people. What was broken or not proven is told in full; what held is counted, since each has its row below. */
export function reasonsToShow(verdict: Verdict): readonly Cause[] {
  const { causes } = verdict;
  if (verdict.verdict !== 'PASS') return causes ?? verdict.reasons.map(plainReason);
  const { objectives, faults, probes, writes } = verdict;
  const held = [
    `${many(objectives.length, 'objective')} held, each on enough samples.`,
    ...(faults.length === 0 ? [] : [faultsInShort(faults)]),
    ...(probes.length === 0 ? [] : [`${many(probes.length, 'probe')} held.`]),
    ...(writes === null
      ? []
      : [`${count(writes.present)} of ${count(writes.acknowledged)} acknowledged writes are there.`]),
  ];
  return [...held.map(plainReason), ...(causes ?? [])];
}

/** What a person can do, as a line of its own. */
export function whatToDo({ advice }: Cause): string[] {
  return advice === null ? [] : [`What to do: ${advice}`];
}

/** One row behind a cause: `objective p95 (fault:x): there is no phase fault:x in this run`. */
export function missedText({ kind, name, reason }: Cause['notMeasured'][number]): string {
  if (kind === 'load') return reason;
  return `${kind === 'writes' ? '' : `${kind} `}${name}: ${reason}`;
}

/** Rows that are listed behind a cause, and take no row of a table. A fault of which something was seen keeps its place. */
export function isFolded(row: {
  readonly notMeasured?: true;
  readonly evidence?: readonly string[];
}): boolean {
  return row.notMeasured === true && (row.evidence ?? []).length === 0;
}

function plainReason(text: string): Cause {
  return { result: 'NOTE', cause: text, consequence: null, advice: null, notMeasured: [] };
}

function faultsInShort(faults: Verdict['faults']): string {
  const quiet = faults.filter((fault) => fault.failedRequests + (fault.failedEvents ?? 0) === 0).length;
  const worst = longest(faults);
  const unfailed = quiet === faults.length ? 'not one request failed' : `${quiet} without a failed request`;
  // Whoever waited for a frozen service got an answer in the end: no failed request, and an outage all the same.
  const isDown = worst !== null && (quiet < faults.length || (worst.downtimeMs ?? 0) > 0);
  const felt = [
    ...(quiet === 0 ? [] : [unfailed]),
    ...(isDown ? [`longest downtime ${duration(worst.downtimeMs)} (${worst.name})`] : []),
  ].join(', ');
  return `${many(faults.length, 'fault')} took effect and ended, as observed${felt === '' ? '' : `: ${felt}`}.`;
}

function many(number: number, what: string): string {
  return `${count(number)} ${what}${number === 1 ? '' : 's'}`;
}

function longest(faults: Verdict['faults']): Verdict['faults'][number] | null {
  return faults
    .filter((fault) => fault.downtimeMs !== null)
    .reduce<Verdict['faults'][number] | null>(
      (most, fault) => (most === null || (fault.downtimeMs ?? 0) > (most.downtimeMs ?? 0) ? fault : most),
      null,
    );
}

/** Beside the word, never instead of it. */
export const SYMBOL: Readonly<Record<Outcome, string>> = { PASS: '✔', FAIL: '✖', INVALID: '?' };

/** Worst first, otherwise in the order given. */
export function worstFirst<T extends { readonly result: Outcome }>(rows: readonly T[]): T[] {
  return (['FAIL', 'INVALID', 'PASS'] as const).flatMap((result) =>
    rows.filter((row) => row.result === result),
  );
}

/** Null where it was not proven: nobody looked, or not at all of them. */
export function lostWrites({ writes }: Verdict): number | null {
  return writes === null || writes.result === 'INVALID' ? null : writes.lost;
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
  const worst = longest(verdict.faults);
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
