import { ENOUGH_ITERATIONS } from '../../samples/live/silence.ts';

/** What `k6 inspect` says of one scenario, as far as it bounds its iterations. */
export interface ScenarioShape {
  readonly executor?: string;
  readonly vus?: number | null;
  readonly startVUs?: number | null;
  readonly maxVUs?: number | null;
  readonly iterations?: number | null;
  readonly stages?: readonly { readonly target?: number | null }[] | null;
}

/** The first of a VU may be a login, and the next ones what the load is about. */
const ROUNDS = 3;

/**
 * Of each scenario so many iterations have to have ended before the longest says how long they take: a few of each user, and all of
 * those whose number is set. None is named where iterations do not say how long k6 may be quiet: it reports one before it waits out
 * `minIterationDuration`.
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
