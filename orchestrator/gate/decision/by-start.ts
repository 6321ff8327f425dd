import { many } from '../../objectives/number-text.ts';
import { mean, studentT, studentTQuantile } from '../../statistics/student-t.ts';
import { type Evidence, sameAlpha } from './answer.ts';
import type { Criteria, Measure, Sample, Sides } from './comparison.ts';
import { logarithms, measured, median, valuesNeeded } from './measure.ts';

/**
 * What starts of a process (or whole runs) show: two starts of the same code differ by more than their requests let expect, so
 * that the start is the unit and its requests are not.
 *
 * A t-test of the logarithms with one variance for both sides. Few starts know little about how far starts differ, and by chance look
 * closer than they are. So their variance is joined with what is known beforehand, as limma does for genes (Smyth, Statistical
 * Applications in Genetics and Molecular Biology 3(1), 2004): PRIOR.weight degrees of freedom for a variance of PRIOR.sd² plus twice the
 * noise within a start; and it is never below that noise. BENCHMARKS.md has the figures beside those of a plain t and of a permutation
 * of the starts. With many starts the prior vanishes.
 */
export function evidenceByStart(
  { baseline, candidate }: Sides,
  criteria: Criteria,
  atLeast = STARTS,
): Evidence {
  const { measure, alpha } = criteria;
  const samples = [...baseline, ...candidate];
  const values = samples.map((sample) => measured(sample, measure));
  const logs = logarithms(values);
  const [a, b] = [logs.slice(0, baseline.length), logs.slice(baseline.length)];
  const noise = mean(samples.map((sample) => noiseWithin(sample, measure)));
  const { estimate, error, degreesOfFreedom } = differenceOf(a, b, noise);
  const within = (chance: number) => {
    const reach = studentTQuantile(chance, degreesOfFreedom) * error;
    return { low: estimate - reach, high: estimate + reach };
  };
  return {
    estimate,
    ...within(alpha),
    narrow: within(sameAlpha(alpha)),
    p: studentT(-Math.abs(estimate) / error, degreesOfFreedom),
    units: Math.min(a.length, b.length),
    baseline: median(values.slice(0, baseline.length)),
    candidate: median(values.slice(baseline.length)),
    ...doubtAbout({ baseline, candidate }, measure, atLeast),
  };
}

/**
 * The difference between the means of two sides, and its error.
 * @param noise the variance of one value that comes from within its start
 */
export function differenceOf(
  a: readonly number[],
  b: readonly number[],
  noise: number,
  prior: Prior = PRIOR,
): { readonly estimate: number; readonly error: number; readonly degreesOfFreedom: number } {
  const degreesOfFreedom = a.length + b.length - 2 + prior.weight;
  const spread = squares(a) + squares(b) + prior.weight * (prior.sd ** 2 + 2 * noise);
  const error = Math.sqrt(Math.max(spread / degreesOfFreedom, noise) * (1 / a.length + 1 / b.length));
  return { estimate: mean(b) - mean(a), error, degreesOfFreedom };
}

/** How many starts (runs) of each side there must be at least. */
export const STARTS = { baseline: 3, candidate: 3 };
export const RUNS = { baseline: 5, candidate: 1 };

export interface Prior {
  readonly sd: number;
  readonly weight: number;
}

/** The middle of published starts differs by 1.7 % in its p50 and 4.2 % in its p95 (586 benchmarks, 10 starts each). */
export const PRIOR: Prior = { weight: 3, sd: 0.03 };
const BLOCKS = 10;

/**
 * The variance of a sample's logarithmic value that comes from the noise within it: from blocks of neighbours, by the squares of their
 * successive differences (von Neumann), which a slow drift or a warm-up does not enter. 0 where the sample is too small for blocks.
 */
export function noiseWithin(sample: Sample, measure: Measure): number {
  const blocks = Math.min(BLOCKS, Math.floor(sample.length / valuesNeeded(measure, 1)));
  if (blocks < 4) return 0;
  const length = Math.floor(sample.length / blocks);
  const all = Array.from(sample);
  const logs = logarithms(
    Array.from({ length: blocks }, (_, i) => measured(all.slice(i * length, (i + 1) * length), measure)),
  );
  const steps = logs.slice(1).map((log, i) => (log - (logs[i] as number)) ** 2);
  return mean(steps) / 2 / blocks;
}

/** Too few starts, or too few values in one of them. */
export function doubtAbout(sides: Sides, measure: Measure, atLeast: typeof STARTS): Pick<Evidence, 'doubt'> {
  for (const side of ['baseline', 'candidate'] as const) {
    const needs = atLeast[side];
    if (sides[side].length < needs)
      return { doubt: { reason: `the ${side} has ${sides[side].length} of at least ${needs}`, needs } };
    const values = valuesNeeded(measure, 1);
    const small = sides[side].findIndex((sample) => sample.length < values);
    if (small !== -1)
      return {
        doubt: {
          reason: `${side} ${small} has ${many(sides[side][small]?.length ?? 0, 'value')}: this percentile takes ${values}`,
          needs: null,
        },
      };
  }
  return {};
}

function squares(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
}
