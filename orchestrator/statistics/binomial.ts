import { incompleteBeta, inverse } from './special.ts';

export interface RateTest {
  /** Rate of the second over the rate of the first, given the totals; infinite or NaN where the first has none. */
  readonly ratio: number;
  /** Exact (Clopper-Pearson) interval of the ratio, alphaPerSide on each side. */
  readonly low: number;
  readonly high: number;
  /** P of at least, and at most, this many in the second when both rates are the same. */
  readonly greater: number;
  readonly less: number;
  readonly twoSided: number;
}

/** `events` (failed requests, say) among `of`. */
export interface Count {
  readonly events: number;
  readonly of: number;
}

/**
 * Are two rates of rare events the same? Given their sum, the events of the second are binomial with the share of its exposure
 * (Przyborowski & Wilenski, Biometrika 1940), whatever the common rate is. As scipy.stats.binomtest(k2, k1 + k2, share).
 */
export function compareRates(first: Count, second: Count, alphaPerSide: number): RateTest {
  const n = first.events + second.events;
  const share = second.of / (first.of + second.of);
  const [k, odds] = [second.events, first.of / second.of];
  const toRatio = (p: number) => (p >= 1 ? Number.POSITIVE_INFINITY : (p / (1 - p)) * odds);
  const greater = binomialAtLeast(k, n, share);
  const less = binomialAtMost(k, n, share);
  const low = k === 0 ? 0 : inverse((p) => incompleteBeta(p, k, n - k + 1), alphaPerSide, [0, 1]);
  const high = k === n ? 1 : inverse((p) => incompleteBeta(p, k + 1, n - k), 1 - alphaPerSide, [0, 1]);
  return {
    ratio: second.events / second.of / (first.events / first.of),
    low: toRatio(low),
    high: toRatio(high),
    greater,
    less,
    twoSided: Math.min(1, 2 * Math.min(greater, less)),
  };
}

/** P(X >= k) of n trials with probability p. */
export function binomialAtLeast(k: number, n: number, p: number): number {
  return k <= 0 ? 1 : incompleteBeta(p, k, n - k + 1);
}

/** P(X <= k) of n trials with probability p. */
export function binomialAtMost(k: number, n: number, p: number): number {
  return k >= n ? 1 : incompleteBeta(1 - p, n - k, k + 1);
}
