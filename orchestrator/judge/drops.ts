import { dropWeight } from '../objectives/drop-weight.ts';
import type { MeterPlan } from '../objectives/kinds/index.ts';
import type { Meter } from '../objectives/meter.ts';
import type { TagSet } from '../samples/recording/tag-sets.ts';

/** The dropped iterations of one load, and what is needed to say for how many requests of a plan each of them stands. */
export interface Drops {
  /** Dropped iterations per tag set and phase. */
  readonly counts: Map<TagSet, Float64Array>;
  /** Requests per plan and scenario, and iterations per scenario: see `dropWeight`. */
  readonly covered: readonly Map<string, number>[];
  readonly iterations: Map<string, number>;
}

export function createDrops(plans: readonly MeterPlan[]): Drops {
  return { counts: new Map(), covered: plans.map(() => new Map()), iterations: new Map() };
}

/** The counts of these tags, one for each phase. */
export function dropsOf(drops: Drops, tags: TagSet, phases: number): Float64Array {
  const found = drops.counts.get(tags);
  if (found !== undefined) return found;
  const fresh = new Float64Array(phases);
  drops.counts.set(tags, fresh);
  return fresh;
}

/** Charges a plan's meters for the requests that the dropped iterations of one load would have made. */
export function addDrops(
  plan: MeterPlan,
  index: number,
  meters: readonly (Meter | null)[],
  drops: Drops,
): void {
  if (plan.from.source !== 'requests') return;
  for (const [tags, counts] of drops.counts) {
    const scenario = tags.tags.scenario ?? '';
    const weight = dropWeight(
      plan.objective,
      tags.tags,
      drops.covered[index]?.get(scenario) ?? 0,
      drops.iterations.get(scenario) ?? 0,
    );
    meters.forEach((meter, i) => {
      if (meter) meter.dropped += weight * (counts[i] as number);
    });
  }
}

export function add(counts: Map<string, number>, key = '', count = 0): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
