import type { Objective } from '../../../thresholds/objective.ts';
import { parseDurationMs } from '../../../thresholds/units.ts';
import { percentile } from '../../statistics/histogram.ts';
import {
  commonPlan,
  nothingSeen,
  type ObjectiveKind,
  type ObjectivePlan,
  REQUESTS,
  tooFew,
} from '../kind.ts';
import { beside, besideMs, countText, percentText, readableMs } from '../number-text.ts';

export type PercentileObjective = Extract<Objective, { percentile: number }>;

export interface PercentilePlan extends ObjectivePlan {
  readonly kind: 'percentile';
  readonly percentile: number;
  readonly valuesBelow: number;
}

/**
 * A percentile is measured over successful requests, as k6 does it. But it is kept only when that share of all requests that were
 * due came back well and in time: failed requests and dropped iterations count as too slow. Otherwise a target that answers its
 * slow requests with errors would look faster than one that answers them.
 */
export const percentileKind: ObjectiveKind<PercentileObjective, PercentilePlan> = {
  plan(objective) {
    const metric = objective.metric ?? 'http_req_duration';
    return {
      ...commonPlan(objective),
      kind: 'percentile',
      from: metric === 'http_req_duration' ? REQUESTS : { source: 'metric', metric },
      percentile: objective.percentile,
      valuesBelow: parseDurationMs(objective.below),
      target: `p${objective.percentile} < ${objective.below}${objective.metric ? ` (${metric})` : ''}`,
    };
  },
  evaluate(plan, meter) {
    const { valuesBelow: below } = plan;
    const values = meter.histogram?.total ?? 0;
    const bad = meter.failed + meter.dropped;
    const due = values + bad;
    const measured = meter.histogram ? percentile(meter.histogram, plan.percentile) : null;
    const about = { measured, samples: values };
    if (due === 0) return nothingSeen(plan);
    // As if all that is missing were in time: what is broken then is broken whatever comes.
    const missing = Math.max(0, plan.minSamples - due);
    const isOpen = (meter.inTime + missing) / (due + missing) >= plan.percentile / 100;
    if (missing > 0 && isOpen) return tooFew(plan, measured, Math.round(due));
    if (measured === null) {
      return {
        ...about,
        result: 'FAIL',
        reason: `none of the ${countText(due)} requests that were due succeeded`,
      };
    }
    if (measured >= below) {
      return {
        ...about,
        result: 'FAIL',
        reason: `p${plan.percentile} is ${besideMs(measured, below)} of ${readableMs(below)}`,
      };
    }
    const share = meter.inTime / due;
    if (bad > 0 && share < plan.percentile / 100) {
      const wereGood = `only ${beside(share, plan.percentile / 100, percentText)} of the ${countText(due)} requests that were due were answered well within ${readableMs(below)}`;
      return {
        ...about,
        result: 'FAIL',
        reason: `${wereGood}: ${countText(bad)} failed or were dropped and count as too slow`,
      };
    }
    if (values < plan.minSamples) return tooFew(plan, measured, values);
    return {
      ...about,
      result: 'PASS',
      reason: `p${plan.percentile} is ${besideMs(measured, below)} of ${countText(values)} samples`,
    };
  },
};
