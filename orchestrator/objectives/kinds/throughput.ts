import type { Objective } from '../../../thresholds/objective.ts';
import { parseRatePerSecond } from '../../../thresholds/units.ts';
import {
  commonPlan,
  nothingSeen,
  type ObjectiveKind,
  type ObjectivePlan,
  REQUESTS,
  tooFew,
} from '../kind.ts';
import { beside, many, rateText, readableMs } from '../number-text.ts';

export type ThroughputObjective = Extract<Objective, { throughput: true }>;

export interface ThroughputPlan extends ObjectivePlan {
  readonly kind: 'throughput';
  /** Good requests a second. */
  readonly atLeast: number;
}

/** Good requests a second over the phase. */
export const throughputKind: ObjectiveKind<ThroughputObjective, ThroughputPlan> = {
  plan(objective) {
    const atLeast = parseRatePerSecond(objective.atLeast);
    const target = `throughput >= ${objective.atLeast}`;
    return { ...commonPlan(objective), kind: 'throughput', from: REQUESTS, atLeast, target };
  },
  evaluate(plan, meter, durationMs) {
    const due = meter.good + meter.failed + meter.dropped;
    if (due === 0 || !(durationMs > 0)) return nothingSeen(plan);
    if (due < plan.minSamples) return tooFew(plan, null, Math.round(due));
    const seconds = durationMs / 1000;
    const about = { measured: meter.good / seconds, samples: meter.good };
    const shown = beside(about.measured, plan.atLeast, rateText);
    const reason = `${many(meter.good, 'good request')} in ${readableMs(durationMs)}: ${shown}`;
    // A stretch of time holds one event more or less than its length says, depending on where it is cut. Of few, that one is too much.
    const isMet = (good: number) => good / seconds >= plan.atLeast;
    if (!isMet(meter.good + 1)) return { ...about, result: 'FAIL', reason };
    const needed = plan.atLeast * seconds;
    if (needed < FEW_REQUESTS && !isMet(meter.good - 1)) {
      return {
        ...about,
        result: 'INVALID',
        reason: `${reason}, which proves nothing: the objective asks for ${Number(needed.toPrecision(2))} in so short a time, and one more or less decides`,
      };
    }
    return { ...about, result: 'PASS', reason };
  },
};

/** One of ten is a tenth of the bound: what is cut off at the ends of a phase must not be worth more. */
const FEW_REQUESTS = 10;
