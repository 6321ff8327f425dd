import { distribution } from './signed-rank.ts';

export interface Estimate {
  readonly estimate: number;
  /** Infinite where there are too few values for the level that was asked for. */
  readonly low: number;
  readonly high: number;
}

/**
 * The Hodges-Lehmann estimate of the middle of paired differences: the median of their n(n+1)/2 Walsh averages (d_i + d_j) / 2, i <= j.
 * The interval inverts the exact signed-rank test without ties (Hollander & Wolfe, Nonparametric Statistical Methods, section 3.2):
 * with C the largest number for which P(W+ <= C) <= alphaPerSide, it goes from the (C+1)-th smallest average to the (C+1)-th
 * largest. With ties it covers at least as often.
 */
export function hodgesLehmann(differences: readonly number[], alphaPerSide: number): Estimate {
  const averages: number[] = [];
  for (const [i, a] of differences.entries())
    for (const b of differences.slice(i)) averages.push(a === b ? a : (a + b) / 2);
  averages.sort((a, b) => a - b);
  const probabilities = distribution(differences.map((_, i) => i + 1));
  return { estimate: medianOf(averages), ...ordered(averages, lastWithin(probabilities, 2, alphaPerSide)) };
}

/**
 * The same for two independent groups: the median of all differences b_j - a_i. The interval inverts the exact Mann-Whitney test
 * without ties (the same source, section 4.2).
 */
export function hodgesLehmannShift(
  a: readonly number[],
  b: readonly number[],
  alphaPerSide: number,
): Estimate {
  const differences = b.flatMap((y) => a.map((x) => y - x)).sort((x, y) => x - y);
  const probabilities = rankSumDistribution(a.length, b.length);
  return {
    estimate: medianOf(differences),
    ...ordered(differences, lastWithin(probabilities, 1, alphaPerSide)),
  };
}

/** The median of sorted values; NaN of none. */
export function medianOf(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  const lower = sorted[half - 1] ?? Number.NaN;
  return sorted.length % 2 === 1 || lower === upper ? upper : (lower + upper) / 2;
}

/** The number of statistics, from the smallest, that together are no likelier than alpha: C + 1 of above. */
function lastWithin(probabilities: Float64Array, step: number, alpha: number): number {
  let cumulated = 0;
  let count = 0;
  for (let w = 0; w < probabilities.length; w += step) {
    cumulated += probabilities[w] as number;
    if (cumulated > alpha) break;
    count += 1;
  }
  return count;
}

/** From the `count`-th smallest to the `count`-th largest of sorted values. */
function ordered(sorted: readonly number[], count: number): { low: number; high: number } {
  if (count < 1 || sorted.length === 0)
    return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  return {
    low: sorted[count - 1] ?? Number.NEGATIVE_INFINITY,
    high: sorted[sorted.length - count] ?? Number.POSITIVE_INFINITY,
  };
}

/** P(U = u) for samples of m and n values without ties, by Mann and Whitney's recursion, normalised on the way. */
function rankSumDistribution(m: number, n: number): Float64Array {
  // Gaussian binomial coefficient: multiply by (1 - q^(n+i)) and divide by (1 - q^i), for i = 1 … m.
  let coefficients = new Float64Array(m * n + 1);
  coefficients[0] = 1;
  for (let i = 1; i <= m; i++) {
    const next = Float64Array.from(coefficients);
    for (let q = next.length - 1; q >= n + i; q--)
      next[q] = (next[q] as number) - (next[q - n - i] as number);
    for (let q = i; q < next.length; q++) next[q] = (next[q] as number) + (next[q - i] as number);
    coefficients = next;
  }
  const total = coefficients.reduce((sum, value) => sum + value, 0);
  return coefficients.map((value) => value / total);
}
