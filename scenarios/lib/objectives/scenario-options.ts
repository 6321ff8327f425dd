import type { ObjectiveSet } from '../../../thresholds/objective.ts';
import type { LoadShape } from './k6-thresholds.ts';
import type { K6Summary } from './summary.ts';
import { fulfil } from './translated.once.ts';

export interface PromisesRequest extends LoadShape {
  readonly scenario: string;
  readonly objectives: ObjectiveSet;
  /**
   * Open-loop load: an iteration that k6 could not start in time was never measured, so that not one may be dropped. More
   * VUs help (`-e VUS`), unless the target has stalled.
   */
  readonly openLoop: boolean;
  /** Objectives of this scenario that this load cannot measure, with the reason. They are listed, and never counted as kept. */
  readonly notMeasured?: readonly NotMeasured[];
  /** Objectives, by name, on events that a good run may not have at all. Without one they are not measured, instead of INVALID. */
  readonly occasional?: Readonly<Record<string, Occasional>>;
  /** Request names whose latencies are listed beside the objectives. */
  readonly names?: readonly string[];
  /** Trends of our own (counted.ts) that are listed beside the objectives. */
  readonly trends?: readonly string[];
  /** What else is to be said about an objective's row, by its name: what the limit was, for example. */
  readonly remarks?: (data: K6Summary) => Readonly<Record<string, string>>;
}

export interface NotMeasured {
  readonly name: string;
  readonly reason: string;
}

export interface Occasional {
  /** A counter that is at least 1 when somebody has looked: only then is no event known to be none. */
  readonly looked: string;
  readonly reason: string;
}

export interface Promises {
  /** For k6's `options`. */
  readonly thresholds: Record<
    string,
    (string | { threshold: string; abortOnFail: boolean; delayAbortEval: string })[]
  >;
  readonly summaryTrendStats: string[];
  readonly handleSummary: (data: K6Summary) => Record<string, string>;
}

/**
 * What a scenario promises, as k6 options and as a summary. Each threshold comes with one on the number of samples, since
 * k6 passes thresholds on nothing; a target that answers no request at all stops the run after ten seconds.
 *
 * k6 runs a script once for its options and its summary (as user 0) and once more for each virtual user, which has no need
 * of either: the code there would cost 20 MB at 1000 users. Hence `.once`, which the build turns into code that does nothing
 * until it is called.
 */
export const promises = (describe: () => PromisesRequest): Promises => (__VU > 0 ? none : fulfil(describe()));

const none: Promises = { thresholds: {}, summaryTrendStats: [], handleSummary: () => ({}) };
