import type { Objective } from '../../../thresholds/objective.ts';
import type { Measurement } from '../kind.ts';
import type { Meter } from '../meter.ts';
import { type CounterPlan, counterKind, type RatePlan, rateKind } from './metric.ts';
import { type PercentilePlan, percentileKind } from './percentile.ts';
import { type AvailabilityPlan, availabilityKind, type ErrorsPlan, errorsKind } from './share.ts';
import { type ThroughputPlan, throughputKind } from './throughput.ts';

export type MeterPlan =
  | PercentilePlan
  | ErrorsPlan
  | AvailabilityPlan
  | ThroughputPlan
  | CounterPlan
  | RatePlan;

/** @throws RangeError for a text that is not a number with the right unit */
export function planMeter(objective: Objective): MeterPlan {
  const plan = planKind(objective);
  return objective.for === undefined ? plan : { ...plan, target: `${plan.target} for ${objective.for}` };
}

function planKind(objective: Objective): MeterPlan {
  if ('percentile' in objective) return percentileKind.plan(objective);
  if ('errors' in objective) return errorsKind.plan(objective);
  if ('availability' in objective) return availabilityKind.plan(objective);
  if ('throughput' in objective) return throughputKind.plan(objective);
  if ('counter' in objective) return counterKind.plan(objective);
  return rateKind.plan(objective);
}

/** Compares what was counted with the objective. `durationMs` is the length of the phase. */
export function evaluate(plan: MeterPlan, meter: Meter, durationMs: number): Measurement {
  switch (plan.kind) {
    case 'percentile':
      return percentileKind.evaluate(plan, meter, durationMs);
    case 'errors':
      return errorsKind.evaluate(plan, meter, durationMs);
    case 'availability':
      return availabilityKind.evaluate(plan, meter, durationMs);
    case 'throughput':
      return throughputKind.evaluate(plan, meter, durationMs);
    case 'counter':
      return counterKind.evaluate(plan, meter, durationMs);
    case 'rate':
      return rateKind.evaluate(plan, meter, durationMs);
  }
}
