import { ENOUGH_ITERATIONS } from '../../samples/live/silence.ts';

/** The part of `k6 inspect` that bounds the iterations of one scenario. */
export interface ScenarioShape {
  readonly executor?: string;
  readonly vus?: number | null;
  readonly startVUs?: number | null;
  readonly preAllocatedVUs?: number | null;
  readonly maxVUs?: number | null;
  readonly iterations?: number | null;
  readonly stages?: readonly { readonly target?: number | null }[] | null;
}

/** A VU's first iteration may be a login; the next ones are what the load is about. */
const ROUNDS = 3;

/**
 * How many iterations of each scenario must have ended before the longest of them tells how long they take: a few of each VU, or all if
 * their number is fixed. Empty with `minIterationDuration`: k6 reports an iteration before it waits, so its length says nothing about
 * how long k6 may be silent.
 */
export function iterationsToKnow(
  scenarios: Readonly<Record<string, ScenarioShape>>,
  minIterationDuration: string | null | undefined,
): Record<string, number> {
  if (minIterationDuration && minIterationDuration !== '0s') return {};
  return Object.fromEntries(Object.entries(scenarios).map(([name, scenario]) => [name, needed(scenario)]));
}

function needed(scenario: ScenarioShape): number {
  const { executor, vus, startVUs, maxVUs, iterations, stages } = scenario;
  switch (executor) {
    case 'shared-iterations':
      return iterations ?? 1;
    case 'per-vu-iterations':
      return (vus ?? 1) * (iterations ?? 1);
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
      return ENOUGH_ITERATIONS;
    default: {
      const targets = (stages ?? []).map(({ target }) => target ?? 0);
      const most = Math.max(vus ?? 1, startVUs ?? 1, maxVUs ?? 1, ...targets);
      return Math.max(ENOUGH_ITERATIONS, ROUNDS * most);
    }
  }
}
