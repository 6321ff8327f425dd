import { samplesOf, withTags } from '../../thresholds/k6-names.ts';
import type { Objective } from '../../thresholds/objective.ts';
import { planMeter } from '../objectives/kinds/index.ts';

/**
 * Requires as many samples of a counter or a rate as the loads' own thresholds do: one for each singer, or each order, where a set of
 * objectives alone can only ask for one. That number is known for the whole run only, not for a phase.
 */
export function withDue(objective: Objective, least: readonly ReadonlyMap<string, number>[]): Objective {
  const metric = 'counter' in objective ? objective.counter : 'rate' in objective ? objective.rate : null;
  if (metric === null || objective.phase !== 'all') return objective;
  const counted = withTags(samplesOf(metric), objective.where ?? {});
  const due = least.reduce((sum, one) => sum + (one.get(counted) ?? 0), 0);
  return due > planMeter(objective).minSamples ? { ...objective, minSamples: due } : objective;
}
