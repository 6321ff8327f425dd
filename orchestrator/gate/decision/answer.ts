import { type Comparison, type Criteria, measureText } from './comparison.ts';

/** Logarithms of candidate / baseline. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The chance of saying `same` of a difference that just matters: two one-sided tests at 5 %, as is usual for equivalence (Schuirmann, Journal of
 * Pharmacokinetics and Biopharmaceutics 15, 1987). A false `regressed` stops a release, and is rarer by far.
 */
export function sameAlpha(alpha: number): number {
  return Math.max(alpha, 0.05);
}

/** What a test found: logarithms of candidate / baseline. */
export interface Evidence {
  readonly estimate: number;
  /** The interval of confidence 1 - 2 alpha. */
  readonly low: number;
  readonly high: number;
  /** What `same` rests on: the interval of confidence 1 - 2 `sameAlpha(alpha)`. */
  readonly narrow: Interval;
  /** One-sided, in the direction of the estimate. */
  readonly p: number;
  readonly units: number;
  readonly baseline: number;
  readonly candidate: number;
  /** Why nothing may be concluded, whatever the figures are; with how many units it would be otherwise. */
  readonly doubt?: { readonly reason: string; readonly needs: number | null };
  /** Why the difference is too small to matter, although the interval of the ratio is wide. */
  readonly negligible?: string;
}

/**
 * The answer to the evidence:
 * - regressed (improved): the test rejects, and the estimate is at least the smallest difference that matters;
 * - same: the whole narrow interval lies within the differences that do not matter, and is what is shown;
 * - cannot tell: all else.
 */
export function answerTo(evidence: Evidence, criteria: Criteria, rejected: boolean): Comparison {
  const { estimate, low, high, narrow, p, units, baseline, candidate, doubt } = evidence;
  const { slower, faster } = limits(baseline, criteria);
  const figures = {
    baseline,
    candidate,
    ratio: Math.exp(estimate),
    low: finite(Math.exp(low)),
    high: finite(Math.exp(high)),
    p,
    units,
  };
  const cannotTell = (reason: string, needs: number | null): Comparison => ({
    ...figures,
    answer: 'cannot tell',
    needs,
    reason,
  });
  const told = (answer: 'regressed' | 'improved' | 'same', reason: string): Comparison => ({
    ...figures,
    answer,
    needs: null,
    reason,
  });
  const within = (interval: Interval) =>
    `${measureText(criteria.measure)} is ${percent(estimate)} (${percent(interval.low)} to ${percent(interval.high)})`;
  const what = within(evidence);
  if (doubt !== undefined) return cannotTell(doubt.reason, doubt.needs);
  const [up, down] = [estimate >= slower, estimate <= faster];
  if (rejected && (up || down)) {
    const worse = (criteria.measure === 'throughput') === down;
    return told(worse ? 'regressed' : 'improved', what);
  }
  if (narrow.low > faster && narrow.high < slower)
    return {
      ...told('same', `${within(narrow)}: too little to matter`),
      ...{ low: Math.exp(narrow.low), high: Math.exp(narrow.high) },
    };
  if (evidence.negligible !== undefined) return told('same', evidence.negligible);
  return cannotTell(
    `${what}: the interval is too wide to tell`,
    unitsNeeded(up || down ? evidence : { ...evidence, ...narrow }, { slower, faster }),
  );
}

/** Logarithms of the ratios from which on a difference matters. */
function limits(baseline: number, { smallest, measure }: Criteria): { slower: number; faster: number } {
  const isDuration = typeof measure !== 'string' && smallest.absoluteMs > 0;
  const absolute = isDuration ? smallest.absoluteMs / baseline : 0;
  const up = Math.max(1 + smallest.ratio, 1 + absolute);
  const down = Math.min(1 / (1 + smallest.ratio), 1 - absolute);
  return { slower: Math.log(up), faster: down > 0 ? Math.log(down) : Number.NEGATIVE_INFINITY };
}

/** An interval shrinks with the root of the number of units. An estimate next to a limit may never be told; a quarter of the limit is taken. */
function unitsNeeded(
  { estimate, low, high, units }: Pick<Evidence, 'estimate' | 'low' | 'high' | 'units'>,
  { slower, faster }: { slower: number; faster: number },
): number | null {
  const halfWidth = (high - low) / 2;
  const beyond = estimate >= slower || estimate <= faster;
  const room = beyond ? Math.abs(estimate) : Math.min(slower - estimate, estimate - faster);
  const needed = units * (halfWidth / Math.max(room, slower / 4)) ** 2;
  return Number.isFinite(needed) ? Math.max(units + 1, Math.ceil(needed)) : null;
}

function percent(log: number): string {
  if (!Number.isFinite(log)) return log > 0 ? 'without limit' : '-100 %';
  const value = (Math.exp(log) - 1) * 100;
  return `${value >= 0 ? '+' : ''}${value.toFixed(1)} %`;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
