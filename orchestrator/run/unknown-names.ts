import type { Objective } from '../../thresholds/objective.ts';
import { planMeter } from '../objectives/kinds/index.ts';
import { unknownName } from '../objectives/unknown-name.ts';
import type { LiveTick } from '../samples/types.ts';

/** Knows which objectives are about a request that nobody has sent, while there is time to end the run for it. */
export interface UnknownNames {
  tick(load: number, tick: Pick<LiveTick, 'requestNames'>): void;
  /** A text for each; none where they cannot be told. */
  told(): readonly string[];
}

/** @param loads how many there are: one that has not begun may have the name */
export function watchNames(objectives: readonly Objective[], loads: number): UnknownNames {
  const plans = objectives.map(planMeter);
  const newest = new Map<number, readonly string[] | null | undefined>();
  return {
    tick: (load, { requestNames }) => void newest.set(load, requestNames),
    told() {
      const known = [...newest.values()].filter((names) => names !== null && names !== undefined);
      if (newest.size < loads || known.length < newest.size) return [];
      const names = [...new Set(known.flat())].sort();
      return plans.flatMap((plan) => {
        const why = unknownName(plan, names);
        return why === null ? [] : [`${plan.objective.name}: ${why}`];
      });
    },
  };
}
