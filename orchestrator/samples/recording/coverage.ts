import type { Objective } from '../../../thresholds/objective.ts';
import type { TagSet } from './tag-sets.ts';

/**
 * Does an objective speak about samples with these tags? What setup() and teardown() send is not load. Answers once per tag set:
 * one array look-up per sample.
 */
export function coverage({ where = {} }: Objective): (set: TagSet) => boolean {
  const wanted = Object.entries(where);
  const known: (boolean | undefined)[] = [];
  return (set) => {
    const answer = known[set.id];
    if (answer !== undefined) return answer;
    const fresh = set.inLoad && wanted.every(([key, value]) => set.tags[key] === value);
    known[set.id] = fresh;
    return fresh;
  };
}
