import { parseDurationMs } from '../../thresholds/units.ts';
import type { BudgetResult } from '../verdict.types.ts';
import type { MeterPlan } from './kinds/index.ts';
import type { Meter } from './meter.ts';

/**
 * What a phase spent of an availability objective's error budget. Burn rate as in the Google SRE workbook ("Alerting on SLOs"):
 * the error rate over the error rate that spends exactly the whole budget in the window. The share spent is the burn rate times
 * the part of the window that the phase lasted, which assumes that the rest of the window has the same traffic.
 * Null when nothing was due, or the objective carries no budget.
 */
export function spentBudget(
  plan: MeterPlan,
  phase: string,
  meter: Meter,
  phaseMs: number,
): BudgetResult | null {
  const burnRate = burnRateOf(plan, meter);
  if (burnRate === null || !('availability' in plan.objective)) return null;
  return {
    objective: plan.objective.name,
    window: plan.objective.window,
    phase,
    consumed: (burnRate * phaseMs) / parseDurationMs(plan.objective.window),
    burnRate,
  };
}

/** How many times faster than allowed the budget is spent; null when nothing was due, or the objective carries no budget. */
export function burnRateOf(plan: MeterPlan, meter: Meter): number | null {
  const bad = meter.failed + meter.dropped;
  const due = meter.good + bad;
  if (plan.kind !== 'availability' || due === 0) return null;
  // An objective of 100 % has no budget: the first bad event overspends it, and infinity is not JSON.
  return bad === 0 ? 0 : Math.min(bad / due / (1 - plan.atLeast), Number.MAX_SAFE_INTEGER);
}
