import type { Objective } from '../../thresholds/objective.ts';
import { planMeter } from '../objectives/kinds/index.ts';

/**
 * Asks of a counter or a rate as many samples as the thresholds of the loads do: one for each singer, or each order, where a set of
 * objectives alone can only ask for one. Only of the whole run is that known; how many of them fall into a phase, nobody can say.
 */
export function withDue(objective: Objective, least: readonly ReadonlyMap<string, number>[]): Objective {
  const metric = 'counter' in objective ? objective.counter : 'rate' in objective ? objective.rate : null;
  if (metric === null || objective.phase !== 'all') return objective;
  const counted = `${metric}_samples${selector(objective.where ?? {})}`;
  const due = least.reduce((sum, one) => sum + (one.get(counted) ?? 0), 0);
  return due > planMeter(objective).minSamples ? { ...objective, minSamples: due } : objective;
}

/** As scenarios/lib/objectives/k6-thresholds.ts writes it. */
function selector(where: Readonly<Record<string, string>>): string {
  const tags = Object.entries(where).map(([key, value]) => `${key}:${value}`);
  return tags.length === 0 ? '' : `{${tags.join(',')}}`;
}
