import type { Seen } from './compare-versions.ts';

/** One answer, as one user saw it. Times in milliseconds, on one clock. */
export interface Answer {
  /** When it was asked for. */
  readonly at: number;
  /** Null: the answer did not say. */
  readonly version: string | null;
  /** Null: it failed. */
  readonly durationMs: number | null;
}

export interface Versions {
  /** The one that was there before. */
  readonly blue: string;
  readonly green: string;
}

/** What was measured of one version. */
export const seenOf = (answers: readonly Answer[], version: string): Seen => {
  const own = answers.filter((answer) => answer.version === version);
  const durations = own.flatMap(({ durationMs }) => (durationMs === null ? [] : [durationMs]));
  return { durations, requests: own.length, failed: own.length - durations.length };
};

/**
 * The answers of both versions from the first of green on, for `forMs`: the canary's window. Null when the load ended (`endMs`) before
 * the window did.
 */
export const canaryWindow = (
  answers: readonly Answer[],
  { blue, green }: Versions,
  { forMs, endMs }: { readonly forMs: number; readonly endMs: number },
): readonly Answer[] | null => {
  const from = first(answers, green);
  if (from === null || endMs - from < forMs) return null;
  return answers.filter(
    ({ at, version }) => at >= from && at < from + forMs && (version === blue || version === green),
  );
};

/**
 * What was answered once the change was complete: after the last answer of blue, for `forMs`. Null when the load ended before that, or
 * when nothing shows that there was a change.
 */
export const afterChange = (
  answers: readonly Answer[],
  { blue, green }: Versions,
  { forMs, endMs }: { readonly forMs: number; readonly endMs: number },
): readonly Answer[] | null => {
  const from = last(answers, blue);
  const newest = last(answers, green);
  if (from === null || newest === null || newest < from || endMs - from < forMs) return null;
  return answers.filter(({ at }) => at > from && at <= from + forMs);
};

export interface Rollback {
  /** Green still answered later than it may. */
  readonly late: boolean;
  /** What was answered after the last answer of green. Empty while green is not known to be gone. */
  readonly after: readonly Answer[];
}

/**
 * Whether green was gone within `withinMs` of its first answer, and what came then. It is gone when blue has answered alone for `aloneMs`
 * up to the end of the load. Null when the load ended before either could be told.
 */
export const rollbackOf = (
  answers: readonly Answer[],
  { blue, green }: Versions,
  {
    withinMs,
    aloneMs,
    endMs,
  }: { readonly withinMs: number; readonly aloneMs: number; readonly endMs: number },
): Rollback | null => {
  const from = first(answers, green);
  const to = last(answers, green);
  if (from === null || to === null) return null;
  const isAlone = endMs - to >= aloneMs && (last(answers, blue) ?? to) > to;
  const after = isAlone ? answers.filter(({ at }) => at > to) : [];
  if (to - from > withinMs) return { late: true, after };
  return isAlone ? { late: false, after } : null;
};

const first = (answers: readonly Answer[], of: string): number | null => edge(answers, of, Math.min);
const last = (answers: readonly Answer[], of: string): number | null => edge(answers, of, Math.max);

/** Answers arrive in another order than they were asked for. */
const edge = (
  answers: readonly Answer[],
  of: string,
  better: (a: number, b: number) => number,
): number | null =>
  answers.reduce<number | null>(
    (found, { at, version }) => (version !== of ? found : found === null ? at : better(found, at)),
    null,
  );
