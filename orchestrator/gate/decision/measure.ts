import { harrellDavis } from '../../statistics/harrell-davis.ts';
import type { Measure, Sample } from './comparison.ts';

/** The measure's value for one slot, start or run: a nearest-rank percentile, or the mean. `sample` must not be empty. */
export function measured(sample: Sample, measure: Measure): number {
  if (typeof measure === 'string') return sumOf(sample) / sample.length;
  const sorted = Float64Array.from(sample).sort();
  // 99.9 / 100 * 1000 is 999.0000000000001: without the small step back the rank would be one too high.
  const rank = Math.max(1, Math.ceil((measure.percentile / 100) * sorted.length - 1e-6));
  return sorted[rank - 1] as number;
}

/**
 * The logarithms of the measure's values of some slots. A percentile is that of Harrell and Davis, of the logarithms: it counts all values near
 * the rank. A single one jumps where the percentile lies between fast and slow requests (20 ms more on 1 % of them, and p99), and then says
 * little of either.
 */
export function logsOf(samples: readonly Sample[], measure: Measure): number[] {
  if (typeof measure === 'string') return logarithms(samples.map((sample) => measured(sample, measure)));
  const near = samples.map((sample) => {
    const { first, weights } = harrellDavis(sample.length, measure.percentile / 100);
    return {
      weights,
      values: Float64Array.from(sample)
        .sort()
        .subarray(first, first + weights.length),
    };
  });
  const floor = floorOf(near.flatMap(({ values }) => values.find((value) => value > 0) ?? []));
  return near.map(({ weights, values }) =>
    weights.reduce((sum, weight, i) => sum + weight * Math.log(Math.max(values[i] as number, floor)), 0),
  );
}

/** Of how many values a sample has to consist so that about `beyond` of them lie beyond the percentile. */
export function valuesNeeded(measure: Measure, beyond: number): number {
  if (typeof measure === 'string') return 1;
  const { percentile } = measure;
  return Math.ceil(beyond / Math.min(percentile / 100, 1 - percentile / 100) - 1e-6);
}

/**
 * Logarithms for ratios. A zero is what the clock could not resolve (or a slot without errors): half of the smallest value that was seen
 * stands for it, so that its rank is right and its ratio finite.
 */
export function logarithms(values: readonly number[]): number[] {
  const floor = floorOf(values.filter((value) => value > 0));
  return values.map((value) => Math.log(value > 0 ? value : floor));
}

function floorOf(positive: readonly number[]): number {
  return positive.length === 0 ? 1 : positive.reduce((a, b) => Math.min(a, b)) / 2;
}

export function sumOf(sample: Sample): number {
  let sum = 0;
  for (let i = 0; i < sample.length; i++) sum += sample[i] as number;
  return sum;
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] as number)) / 2;
}
