/** What a comparison looks at: a percentile of the durations, the share of failed requests, or the requests per second. */
export type Measure = { readonly percentile: number } | 'errors' | 'throughput';

/** Smaller differences do not matter: a difference counts when it is at least this share, and at least this many milliseconds. */
export interface Smallest {
  /** 0.05 is 5 %. */
  readonly ratio: number;
  /** Of durations only. */
  readonly absoluteMs: number;
}

export type Answer = 'regressed' | 'improved' | 'same' | 'cannot tell';

/** What is decided on: the values of one slot, start or run. Durations in ms; 0 and 1 for errors; rates for throughput. */
export type Sample = ArrayLike<number>;

/** Baseline and candidate; in pairs where both were measured side by side. */
export interface Sides {
  readonly baseline: readonly Sample[];
  readonly candidate: readonly Sample[];
}

export interface Criteria {
  readonly measure: Measure;
  /** Of wrongly saying `regressed`, and of wrongly saying `improved`, when nothing changed. */
  readonly alpha: number;
  readonly smallest: Smallest;
}

/** Candidate over baseline, with its evidence. */
export interface Comparison {
  readonly answer: Answer;
  /** Median over the units (ms, a share, or a rate). */
  readonly baseline: number;
  readonly candidate: number;
  /** The estimate of candidate / baseline and its interval of confidence 1 - 2 alpha, of `same` that of 90 %; null where it has no end. */
  readonly ratio: number;
  readonly low: number | null;
  readonly high: number | null;
  /** One-sided, in the direction of the estimate: how likely is this, or more, when nothing changed? */
  readonly p: number;
  /** Pairs, or starts (runs) of the side that has fewer, after joining. */
  readonly units: number;
  /** How many it would take to tell, when the answer is `cannot tell` and that can be said. */
  readonly needs: number | null;
  /** One sentence. */
  readonly reason: string;
}

export function measureText(measure: Measure): string {
  return typeof measure === 'string' ? measure : `p${measure.percentile}`;
}
