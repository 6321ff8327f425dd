import { createHistogram, type Histogram, merge, record, without } from '../statistics/histogram.ts';

/** What was counted for one objective over one phase. */
export interface Meter {
  /** Durations of good requests, or the values of a trend. Null until the first, or where nobody needs them. */
  histogram: Histogram | null;
  good: number;
  failed: number;
  /** Dropped iterations, weighted (see `dropWeight`): not always a whole number. */
  dropped: number;
  /** Values below the bound, counted exactly. */
  inTime: number;
  /** For metrics: samples, sum of values, samples that are not zero. */
  samples: number;
  sum: number;
  nonZero: number;
}

/** How to count for an objective. */
export interface Metering {
  /** Values are kept in a histogram, and those below this bound (ms) are counted. Null: counts are enough. */
  readonly valuesBelow: number | null;
}

export function createMeter(): Meter {
  return { histogram: null, good: 0, failed: 0, dropped: 0, inTime: 0, samples: 0, sum: 0, nonZero: 0 };
}

export function meterRequest(meter: Meter, plan: Metering, durationMs: number, failed: boolean): void {
  if (failed) {
    meter.failed += 1;
    return;
  }
  meter.good += 1;
  if (plan.valuesBelow !== null) keep(meter, plan.valuesBelow, durationMs);
}

export function meterSample(meter: Meter, plan: Metering, value: number): void {
  meter.samples += 1;
  meter.sum += value;
  if (value !== 0) meter.nonZero += 1;
  if (plan.valuesBelow !== null) keep(meter, plan.valuesBelow, value);
}

export function addMeter(into: Meter, from: Meter): void {
  into.good += from.good;
  into.failed += from.failed;
  into.dropped += from.dropped;
  into.inTime += from.inTime;
  into.samples += from.samples;
  into.sum += from.sum;
  into.nonZero += from.nonZero;
  if (from.histogram === null) return;
  into.histogram ??= createHistogram();
  merge(into.histogram, from.histogram);
}

/** What is left of `meter` without a part of what it counted. Neither changes. */
export function meterWithout(meter: Meter, part: Meter): Meter {
  const { histogram } = meter;
  return {
    histogram: histogram === null || part.histogram === null ? histogram : without(histogram, part.histogram),
    good: meter.good - part.good,
    failed: meter.failed - part.failed,
    dropped: Math.max(0, meter.dropped - part.dropped),
    inTime: meter.inTime - part.inTime,
    samples: meter.samples - part.samples,
    sum: meter.sum - part.sum,
    nonZero: meter.nonZero - part.nonZero,
  };
}

function keep(meter: Meter, below: number, value: number): void {
  if (value < below) meter.inTime += 1;
  meter.histogram ??= createHistogram();
  record(meter.histogram, value);
}
