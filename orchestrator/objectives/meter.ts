import { createHistogram, type Histogram, percentile, record } from '../statistics/histogram.ts';
import type { Outcome } from '../verdict.types.ts';
import type { MeterPlan } from './meter-plan.ts';

/** What was counted for one objective over one phase. */
export interface Meter {
  /** Durations: of successful requests, or the values of a trend. Null until the first. */
  histogram: Histogram | null;
  good: number;
  failed: number;
  /** Dropped iterations, weighted (see `dropWeight`): not always a whole number. */
  dropped: number;
  /** Good ones below the bound, counted exactly. */
  inTime: number;
  /** For metrics: samples, sum of values, samples that are not zero. */
  samples: number;
  sum: number;
  nonZero: number;
}

export interface Measurement {
  readonly measured: number | null;
  readonly samples: number;
  readonly result: Outcome;
  readonly reason: string;
}

export function createMeter(): Meter {
  return { histogram: null, good: 0, failed: 0, dropped: 0, inTime: 0, samples: 0, sum: 0, nonZero: 0 };
}

export function meterRequest(meter: Meter, plan: MeterPlan, durationMs: number, failed: boolean): void {
  if (failed) {
    meter.failed += 1;
    return;
  }
  meter.good += 1;
  if (plan.kind !== 'percentile') return;
  if (durationMs < plan.below) meter.inTime += 1;
  meter.histogram ??= createHistogram();
  record(meter.histogram, durationMs);
}

export function meterSample(meter: Meter, plan: MeterPlan, value: number): void {
  meter.samples += 1;
  meter.sum += value;
  if (value !== 0) meter.nonZero += 1;
  if (plan.kind !== 'percentile') return;
  if (value < plan.below) meter.inTime += 1;
  meter.histogram ??= createHistogram();
  record(meter.histogram, value);
}

/**
 * Compares what was counted with the promise. `durationMs` is the length of the phase.
 *
 * A percentile is measured over successful requests, as k6 does it. But it is kept only when that share of all requests that were
 * due came back well and in time: failed requests and dropped iterations count as too slow. Otherwise a target that answers its
 * slow requests with errors would look faster than one that answers them.
 */
export function evaluate(plan: MeterPlan, meter: Meter, durationMs: number): Measurement {
  switch (plan.kind) {
    case 'percentile':
      return evaluatePercentile(plan, meter);
    case 'errors':
    case 'availability':
      return evaluateShare(plan, meter);
    case 'throughput':
      return evaluateThroughput(plan, meter, durationMs);
    case 'counter':
      return evaluateCounter(plan, meter);
    case 'rate':
      return evaluateRate(plan, meter);
  }
}

function evaluatePercentile(plan: MeterPlan, meter: Meter): Measurement {
  const values = meter.histogram?.total ?? 0;
  const bad = meter.failed + meter.dropped;
  const due = values + bad;
  const measured = meter.histogram ? percentile(meter.histogram, plan.percentile) : null;
  const about = { measured, samples: values };
  if (due === 0) return nothing(plan);
  if (due < plan.minSamples) return tooFew(plan, measured, due);
  if (measured === null) {
    return { ...about, result: 'FAIL', reason: `none of the ${text(due)} requests that were due succeeded` };
  }
  if (measured >= plan.below) {
    return {
      ...about,
      result: 'FAIL',
      reason: `p${plan.percentile} is ${ms(measured)} of ${ms(plan.below)}`,
    };
  }
  const share = meter.inTime / due;
  if (bad > 0 && share < plan.percentile / 100) {
    return {
      ...about,
      result: 'FAIL',
      reason: `only ${percent(share)} of the ${text(due)} requests that were due were answered well within ${ms(plan.below)}: ${text(bad)} failed or were dropped and count as too slow`,
    };
  }
  if (values < plan.minSamples) return tooFew(plan, measured, values);
  return {
    ...about,
    result: 'PASS',
    reason: `p${plan.percentile} is ${ms(measured)} of ${text(values)} samples`,
  };
}

function evaluateShare(plan: MeterPlan, meter: Meter): Measurement {
  const bad = meter.failed + meter.dropped;
  const due = meter.good + bad;
  if (due === 0) return nothing(plan);
  const errors = bad / due;
  const measured = plan.kind === 'errors' ? errors : meter.good / due;
  const samples = Math.round(due);
  if (due < plan.minSamples) return tooFew(plan, measured, samples);
  const kept = plan.kind === 'errors' ? errors < plan.below : measured >= plan.atLeast;
  const reason = `${text(bad)} of ${text(due)} were bad (${text(meter.failed)} failed, ${text(meter.dropped)} dropped)`;
  return { measured, samples, result: kept ? 'PASS' : 'FAIL', reason };
}

function evaluateThroughput(plan: MeterPlan, meter: Meter, durationMs: number): Measurement {
  const due = meter.good + meter.failed + meter.dropped;
  if (due === 0 || !(durationMs > 0)) return nothing(plan);
  if (due < plan.minSamples) return tooFew(plan, null, Math.round(due));
  const seconds = durationMs / 1000;
  const measured = meter.good / seconds;
  const about = { measured, samples: meter.good };
  const reason = `${text(meter.good)} good requests in ${seconds.toFixed(1)} s`;
  // A stretch of time holds one event more or less than its length says, depending on where it is cut. Of few, that one is too much.
  const isMet = (good: number) => good / seconds >= plan.atLeast;
  if (!isMet(meter.good + 1)) return { ...about, result: 'FAIL', reason };
  const needed = plan.atLeast * seconds;
  if (needed < FEW_REQUESTS && !isMet(meter.good - 1)) {
    return {
      ...about,
      result: 'INVALID',
      reason: `${reason} prove nothing: ${Number(needed.toPrecision(2))} are promised for so short a time, and one more or less decides`,
    };
  }
  return { ...about, result: 'PASS', reason };
}

/** One of ten is a tenth of the promise: what is cut off at the ends of a phase must not be worth more. */
const FEW_REQUESTS = 10;

function evaluateCounter(plan: MeterPlan, meter: Meter): Measurement {
  if (meter.samples < plan.minSamples) {
    return meter.samples === 0 ? nothing(plan) : tooFew(plan, meter.sum, meter.samples);
  }
  const kept =
    !(meter.sum !== plan.equals && !Number.isNaN(plan.equals)) &&
    !(meter.sum > plan.atMost) &&
    !(meter.sum < plan.atLeast);
  return {
    measured: meter.sum,
    samples: meter.samples,
    result: kept ? 'PASS' : 'FAIL',
    reason: `the sum is ${text(meter.sum)}`,
  };
}

function evaluateRate(plan: MeterPlan, meter: Meter): Measurement {
  if (meter.samples === 0) return nothing(plan);
  const measured = meter.nonZero / meter.samples;
  if (meter.samples < plan.minSamples) return tooFew(plan, measured, meter.samples);
  const kept = !(measured >= plan.below) && !(measured < plan.atLeast);
  return {
    measured,
    samples: meter.samples,
    result: kept ? 'PASS' : 'FAIL',
    reason: `${text(meter.nonZero)} of ${text(meter.samples)} were true`,
  };
}

function nothing(plan: MeterPlan): Measurement {
  const what = plan.source === 'requests' ? 'no request' : `no sample of ${plan.metric}`;
  const where = plan.objective.where ? ` with ${JSON.stringify(plan.objective.where)}` : '';
  return {
    measured: null,
    samples: 0,
    result: 'INVALID',
    reason: `${what}${where} was seen in ${plan.phase}`,
  };
}

function tooFew(plan: MeterPlan, measured: number | null, samples: number): Measurement {
  return {
    measured,
    samples,
    result: 'INVALID',
    reason: `${samples} samples prove nothing: at least ${plan.minSamples} are needed`,
  };
}

function text(count: number): string {
  return Number.isInteger(count) ? String(count) : count.toFixed(1);
}

function ms(value: number): string {
  return `${Number(value.toPrecision(4))} ms`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`;
}
