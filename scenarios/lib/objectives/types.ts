import type { ObjectiveSet } from '../../../thresholds/objective.ts';
import type { LoadShape } from './k6-thresholds.ts';

/** What a scenario says about its objectives. */
export interface ScenarioObjectives extends LoadShape {
  readonly scenario: string;
  readonly objectives: ObjectiveSet;
  /**
   * Open-loop load: an iteration that k6 could not start in time was never measured, so none may be dropped. More VUs help
   * (`-e VUS`), unless the target has stalled.
   */
  readonly openLoop: boolean;
  /** Objectives that this load cannot measure, with the reason. They are listed, and never count as met. */
  readonly notMeasured?: readonly NotMeasured[];
  /** Objectives, by name, on events that a good run may not have at all. Without an event they are not measured, instead of INVALID. */
  readonly occasional?: Readonly<Record<string, Occasional>>;
  /** Request names whose latencies are listed beside the objectives. */
  readonly names?: readonly string[];
  /** Trends of our own (counted.ts) that are listed beside the objectives. */
  readonly trends?: readonly string[];
  /** A remark for an objective's row, by its name: what the limit was, for example. */
  readonly remarks?: (data: K6Summary) => Readonly<Record<string, string>>;
}

export interface NotMeasured {
  readonly name: string;
  readonly reason: string;
}

export interface Occasional {
  /** A counter that is at least 1 once somebody has looked: before that, no event does not mean that there was none. */
  readonly looked: string;
  readonly reason: string;
}

/** What k6 gets: the first two for its `options`. */
export interface ScenarioOptions {
  readonly thresholds: Record<
    string,
    (string | { threshold: string; abortOnFail: boolean; delayAbortEval: string })[]
  >;
  readonly summaryTrendStats: string[];
  readonly handleSummary: (data: K6Summary) => Record<string, string>;
}

/** The part of k6's summary data that is used; 1.8 and 2.2 agree on it. */
export interface K6Summary {
  readonly state: { readonly testRunDurationMs: number };
  readonly metrics: Readonly<Record<string, K6Metric>>;
}

export interface K6Metric {
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}
