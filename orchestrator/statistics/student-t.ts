import { incompleteBeta, inverse } from './special.ts';

export interface TTest {
  readonly t: number;
  readonly degreesOfFreedom: number;
  /** P(T >= t) and P(T <= t) when there is no difference. */
  readonly greater: number;
  readonly less: number;
  readonly twoSided: number;
}

/** Are the means of paired differences zero? n - 1 degrees of freedom. As scipy.stats.ttest_1samp. */
export function pairedT(differences: readonly number[]): TTest {
  const n = differences.length;
  return testOf(mean(differences) / Math.sqrt(variance(differences) / n), n - 1);
}

/**
 * Is the mean of `b` that of `a`, with one variance for both? n + k - 2 degrees of freedom; one of the two may have a single value
 * (a run against the runs of the past). As scipy.stats.ttest_ind.
 */
export function pooledT(a: readonly number[], b: readonly number[]): TTest {
  const freedom = a.length + b.length - 2;
  const pooled = (squares(a) + squares(b)) / freedom;
  return testOf((mean(b) - mean(a)) / Math.sqrt(pooled * (1 / a.length + 1 / b.length)), freedom);
}

/** The same without a common variance (Welch). As scipy.stats.ttest_ind with equal_var=False. */
export function welchT(a: readonly number[], b: readonly number[]): TTest {
  const [va, vb] = [variance(a) / a.length, variance(b) / b.length];
  const freedom = (va + vb) ** 2 / (va ** 2 / (a.length - 1) + vb ** 2 / (b.length - 1));
  return testOf((mean(b) - mean(a)) / Math.sqrt(va + vb), freedom);
}

/** P(T <= t). */
export function studentT(t: number, degreesOfFreedom: number): number {
  const tail = incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

/** The t that is exceeded with probability `upper` (0 < upper <= 0.5). */
export function studentTQuantile(upper: number, degreesOfFreedom: number): number {
  const x = inverse((value) => incompleteBeta(value, degreesOfFreedom / 2, 0.5), 2 * upper, [0, 1]);
  return Math.sqrt(degreesOfFreedom * (1 / x - 1));
}

export function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

/** Sample variance (n - 1). */
export function variance(values: readonly number[]): number {
  return squares(values) / (values.length - 1);
}

function squares(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((total, value) => total + (value - middle) ** 2, 0);
}

/** Without any spread: no difference is certain to be none, and any is certain to be one. */
function testOf(t: number, degreesOfFreedom: number): TTest {
  const statistic = Number.isNaN(t) ? 0 : t;
  const less = studentT(statistic, degreesOfFreedom);
  const greater = studentT(-statistic, degreesOfFreedom);
  return {
    t: statistic,
    degreesOfFreedom,
    greater,
    less,
    twoSided: Math.min(1, 2 * Math.min(less, greater)),
  };
}
