import type { Objective } from '../../../thresholds/objective.ts';
import { parsePercent } from '../../../thresholds/units.ts';
import {
  commonPlan,
  type Measurement,
  nothingSeen,
  type ObjectiveKind,
  type ObjectivePlan,
  REQUESTS,
  tooFew,
} from '../kind.ts';
import type { Meter } from '../meter.ts';
import { beside, countText, percentText } from '../number-text.ts';

export type ErrorsObjective = Extract<Objective, { errors: true }>;
export type AvailabilityObjective = Extract<Objective, { availability: true }>;

export interface ErrorsPlan extends ObjectivePlan {
  readonly kind: 'errors';
  readonly below: number;
}

export interface AvailabilityPlan extends ObjectivePlan {
  readonly kind: 'availability';
  readonly atLeast: number;
}

/** The share of bad events: failed requests and dropped iterations against all that were due. */
export const errorsKind: ObjectiveKind<ErrorsObjective, ErrorsPlan> = {
  plan(objective) {
    const below = parsePercent(objective.below);
    const target = `errors < ${objective.below}`;
    return { ...commonPlan(objective, below), kind: 'errors', from: REQUESTS, below, target };
  },
  evaluate(plan, meter) {
    return evaluateShare(plan, meter, 'bad', plan.below, (errors) => errors < plan.below);
  },
};

/** The share of good events, with an error budget (error-budget.ts). */
export const availabilityKind: ObjectiveKind<AvailabilityObjective, AvailabilityPlan> = {
  plan(objective) {
    const atLeast = parsePercent(objective.atLeast);
    const target = `availability >= ${objective.atLeast} (${objective.window})`;
    return { ...commonPlan(objective, 1 - atLeast), kind: 'availability', from: REQUESTS, atLeast, target };
  },
  evaluate(plan, meter) {
    return evaluateShare(plan, meter, 'good', plan.atLeast, (good) => good >= plan.atLeast);
  },
};

function evaluateShare(
  plan: ObjectivePlan,
  meter: Meter,
  counted: 'good' | 'bad',
  bound: number,
  isKept: (share: number) => boolean,
): Measurement {
  const bad = meter.failed + meter.dropped;
  const due = meter.good + bad;
  if (due === 0) return nothingSeen(plan);
  const measured = (counted === 'bad' ? bad : meter.good) / due;
  const samples = Math.round(due);
  // As if all that is missing were good: what is broken then is broken whatever comes.
  const atBest = counted === 'bad' ? bad / plan.minSamples : (plan.minSamples - bad) / plan.minSamples;
  if (due < plan.minSamples && isKept(atBest)) return tooFew(plan, measured, samples);
  const share = beside(measured, bound, percentText);
  const reason = `${countText(bad)} of ${countText(due)} requests were bad (${countText(meter.failed)} failed, ${countText(meter.dropped)} dropped): ${share} ${counted === 'bad' ? 'errors' : 'available'}`;
  return { measured, samples, result: isKept(measured) ? 'PASS' : 'FAIL', reason };
}
