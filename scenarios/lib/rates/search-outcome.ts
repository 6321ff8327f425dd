import type { K6Summary } from '../objectives/types.ts';
import type { Step } from './search-rate.ts';

/** What the search adds to its metrics when it has ended. */
export interface Outcome {
  /** The sample of the objective; null: the target was never asked for that much, so nothing is known about it. */
  readonly judged: number | null;
  /** The metric that tells the summary what the limit was, and at which rate. */
  readonly limit: keyof typeof limits;
  readonly limitRate: number;
}

/** Each limit is a metric of its own, because metrics are all that reaches the summary. */
export const limits = {
  breakpoint_limit_target: 'the target',
  breakpoint_limit_generator: 'the generator',
  breakpoint_limit_max: 'RATE_MAX, where nothing broke,',
} as const;

/**
 * Whether the rate that held says anything about the target. A rate below the required one does only if it was the target that
 * broke: a generator that cannot send more, or may not, has shown nothing.
 */
export const outcome = ({ holds, breaks }: Omit<Step, 'next'>, atLeast: number): Outcome => {
  const judged = holds >= atLeast || breaks?.broke === 'target' ? holds : null;
  if (breaks === null) return { judged, limit: 'breakpoint_limit_max', limitRate: holds };
  const limit = breaks.broke === 'target' ? 'breakpoint_limit_target' : 'breakpoint_limit_generator';
  return { judged, limit, limitRate: breaks.rate };
};

/** For the objective's row in the summary; empty when the search did not finish. */
export const limitRemark = ({ metrics }: Pick<K6Summary, 'metrics'>): string => {
  const held = metrics.breakpoint_held?.values.count ?? 0;
  for (const [metric, what] of Object.entries(limits)) {
    const rate = metrics[metric]?.values.count ?? 0;
    if (rate > 0) return `${held}/s held; the limit is ${what} at ${rate}/s`;
  }
  return '';
};
