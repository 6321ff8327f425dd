import { defaultMinSamples, type Objective, type ObjectiveMeasure } from '../../thresholds/objective.ts';
import { parseDurationMs, parsePercent, parseRatePerSecond } from '../../thresholds/units.ts';
import type { TagSet } from '../samples/recording/tag-sets.ts';

/** An objective with its texts parsed: what the live window and the verdict both measure by. */
export interface MeterPlan {
  readonly objective: Objective;
  readonly phase: string;
  /** `requests`: HTTP requests and dropped iterations. `metric`: the samples of one k6 metric. */
  readonly source: 'requests' | 'metric';
  /** The k6 metric, for `metric` sources. */
  readonly metric: string;
  readonly kind: 'percentile' | 'errors' | 'throughput' | 'availability' | 'counter' | 'rate';
  readonly percentile: number;
  /** Upper bound (exclusive) in ms, fraction; or NaN. */
  readonly below: number;
  /** Lower bound (inclusive) in fraction, per second or count; or NaN. */
  readonly atLeast: number;
  readonly atMost: number;
  readonly equals: number;
  readonly minSamples: number;
  /** e.g. `p95 < 100ms`. */
  readonly target: string;
}

/** @throws RangeError for a text that is not a number with the right unit */
export function planMeter(objective: Objective): MeterPlan {
  const base = {
    objective,
    phase: objective.phase ?? 'steady',
    source: 'requests' as const,
    metric: '',
    percentile: Number.NaN,
    below: Number.NaN,
    atLeast: Number.NaN,
    atMost: Number.NaN,
    equals: Number.NaN,
    minSamples: objective.minSamples ?? defaultMinSamples(objective, boundOf(objective)),
  };
  if ('percentile' in objective) {
    const metric = objective.metric ?? 'http_req_duration';
    return {
      ...base,
      kind: 'percentile',
      source: metric === 'http_req_duration' ? 'requests' : 'metric',
      metric,
      percentile: objective.percentile,
      below: parseDurationMs(objective.below),
      target: `p${objective.percentile} < ${objective.below}${objective.metric ? ` (${metric})` : ''}`,
    };
  }
  if ('errors' in objective) {
    return {
      ...base,
      kind: 'errors',
      below: parsePercent(objective.below),
      target: `errors < ${objective.below}`,
    };
  }
  if ('throughput' in objective) {
    return {
      ...base,
      kind: 'throughput',
      atLeast: parseRatePerSecond(objective.atLeast),
      target: `throughput >= ${objective.atLeast}`,
    };
  }
  if ('availability' in objective) {
    return {
      ...base,
      kind: 'availability',
      atLeast: parsePercent(objective.atLeast),
      target: `availability >= ${objective.atLeast} (${objective.window})`,
    };
  }
  if ('counter' in objective) {
    const { equals = Number.NaN, atMost = Number.NaN, atLeast = Number.NaN } = objective;
    const bounds = [
      ...(Number.isNaN(equals) ? [] : [`= ${equals}`]),
      ...(Number.isNaN(atMost) ? [] : [`<= ${atMost}`]),
      ...(Number.isNaN(atLeast) ? [] : [`>= ${atLeast}`]),
    ];
    return {
      ...base,
      kind: 'counter',
      source: 'metric',
      metric: objective.counter,
      equals,
      atMost,
      atLeast,
      target: `${objective.counter} ${bounds.join(' and ')}`,
    };
  }
  return {
    ...base,
    kind: 'rate',
    source: 'metric',
    metric: objective.rate,
    below: objective.below === undefined ? Number.NaN : parsePercent(objective.below),
    atLeast: objective.atLeast === undefined ? Number.NaN : parsePercent(objective.atLeast),
    target: `${objective.rate} ${objective.atLeast === undefined ? `< ${objective.below}` : `>= ${objective.atLeast}`}`,
  };
}

/** Does the objective speak about samples with these tags? What setup() and teardown() send is nobody's load. */
export function covers(plan: MeterPlan, set: TagSet): boolean {
  if (!set.inLoad) return false;
  for (const [key, value] of Object.entries(plan.objective.where ?? {})) {
    if (set.tags[key] !== value) return false;
  }
  return true;
}

/** Remembers `covers` per tag set: one array look-up per sample. */
export function coverage(plan: MeterPlan): (set: TagSet) => boolean {
  const known: (boolean | undefined)[] = [];
  return (set) => {
    const answer = known[set.id];
    if (answer !== undefined) return answer;
    const fresh = covers(plan, set);
    known[set.id] = fresh;
    return fresh;
  };
}

/**
 * How many requests of this objective a dropped iteration stands for. An iteration that never started has no request names: with
 * a `where` on more than the scenario it counts as what an iteration of its scenario makes on average, at most one.
 */
export function dropWeight(
  plan: MeterPlan,
  dropped: TagSet,
  coveredRequests: number,
  iterations: number,
): number {
  let perRequest = false;
  for (const [key, value] of Object.entries(plan.objective.where ?? {})) {
    const own = dropped.tags[key];
    if (own === undefined && key !== 'scenario') perRequest = true;
    else if (own !== value) return 0;
  }
  if (!perRequest) return 1;
  return iterations === 0 ? 1 : Math.min(1, coveredRequests / iterations);
}

function boundOf(measure: ObjectiveMeasure): number | undefined {
  if ('errors' in measure) return parsePercent(measure.below);
  if ('availability' in measure) return 1 - parsePercent(measure.atLeast);
  if ('rate' in measure) {
    const bound =
      measure.below !== undefined ? parsePercent(measure.below) : parsePercent(measure.atLeast ?? '0%');
    return Math.min(bound, 1 - bound);
  }
  return undefined;
}
