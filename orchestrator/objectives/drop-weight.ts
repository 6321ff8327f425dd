import type { Objective } from '../../thresholds/objective.ts';

/**
 * How many requests of this objective a dropped iteration stands for. An iteration that never started has no request names: with
 * a `where` on more than the scenario it counts as what an iteration of its scenario makes on average, at most one.
 */
export function dropWeight(
  { where = {} }: Objective,
  dropped: Readonly<Record<string, string>>,
  coveredRequests: number,
  iterations: number,
): number {
  let perRequest = false;
  for (const [key, value] of Object.entries(where)) {
    const own = dropped[key];
    if (own === undefined && key !== 'scenario') perRequest = true;
    else if (own !== value) return 0;
  }
  if (!perRequest) return 1;
  return iterations === 0 ? 1 : Math.min(1, coveredRequests / iterations);
}
