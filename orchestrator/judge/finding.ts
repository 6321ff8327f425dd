import type { JournalLine } from '../journal/events.ts';

/** Something about the run itself that breaks an objective (FAIL), makes it prove nothing (INVALID), or should be known (NOTE). */
export interface Finding {
  readonly result: 'FAIL' | 'INVALID' | 'NOTE';
  /** What happened. A sentence. */
  readonly text: string;
  /** What follows, read after "So" and without a full stop. Left out: the count of what was not measured says enough. */
  readonly consequence?: string;
  /** What a person can do about it. Whole sentences. */
  readonly advice?: string;
  /** It cut the run short then (epoch ms): what had not been measured by then was not, because of it. Left out: it cut nothing short. */
  readonly cutAt?: number;
  /** Its advice is also that for this phase's objectives. */
  readonly phase?: 'steady';
  /** What of the run it is about, where that may be the consequence of a cut and no cause of its own: `the samples of Load 1 (spike)`. */
  readonly follows?: string;
}

/** The first thing that cut the run short, and was not itself the consequence of another. `findings` are in the order of time. */
export function cutOf(findings: readonly Finding[]): Cut | null {
  const cuts = findings.filter((one): one is Cut => one.cutAt !== undefined && one.result !== 'NOTE');
  return cuts.find(({ follows }) => follows === undefined) ?? cuts[0] ?? null;
}

export type Cut = Finding & { readonly cutAt: number };

/** Is it a consequence of something that cut the run short? */
export function isConsequence(finding: Finding, findings: readonly Finding[]): boolean {
  return (
    finding.follows !== undefined &&
    finding.result === 'INVALID' &&
    cutOf(findings)?.follows === undefined &&
    cutOf(findings) !== null
  );
}

/** Did squall stop the run because nobody had answered anything? */
export function wasUnreached(lines: readonly JournalLine[]): boolean {
  return lines.some(({ event }) => event.type === 'stopped' && event.cause === 'unreached');
}

/** `12:00:03 UTC`. */
export function clockText(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}
