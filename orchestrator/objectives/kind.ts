import { defaultMinSamples, type Objective } from '../../thresholds/objective.ts';
import type { Outcome } from '../verdict.types.ts';
import type { Meter, Metering } from './meter.ts';
import { many } from './number-text.ts';

/** One kind of objective, from its definition to its result. Kinds are listed in kinds/index.ts. */
export interface ObjectiveKind<O extends Objective, P extends ObjectivePlan> {
  /** Parses the texts of the definition. @throws RangeError for a text that is not a number with the right unit */
  plan(objective: O): P;
  /** Compares what was counted with the bound. `durationMs` is the length of the phase. */
  evaluate(plan: P, meter: Meter, durationMs: number): Measurement;
}

/** An objective with its texts parsed: what the live window and the verdict both measure by. */
export interface ObjectivePlan extends Metering {
  readonly objective: Objective;
  readonly phase: string;
  readonly minSamples: number;
  /** For people, e.g. `p95 < 100ms`. */
  readonly target: string;
  readonly from: SampleSource;
}

/** What is counted: HTTP requests and dropped iterations, or the samples of one k6 metric. */
export type SampleSource =
  | { readonly source: 'requests' }
  | { readonly source: 'metric'; readonly metric: string };

export interface Measurement {
  readonly measured: number | null;
  readonly samples: number;
  readonly result: Outcome;
  readonly reason: string;
  /** INVALID for want of samples. */
  readonly lacksSamples?: true;
}

/** What all kinds plan alike. `bound`: the share that the number of samples has to suit. */
export function commonPlan(objective: Objective, bound?: number) {
  return {
    objective,
    phase: objective.phase ?? 'steady',
    minSamples: objective.minSamples ?? defaultMinSamples(objective, bound),
    valuesBelow: null,
  };
}

export const REQUESTS = { source: 'requests' } as const;

export function nothingSeen({ objective, phase, from }: ObjectivePlan): Measurement {
  const what = from.source === 'requests' ? 'no request' : `no sample of ${from.metric}`;
  const where = objective.where ? ` with ${JSON.stringify(objective.where)}` : '';
  return {
    measured: null,
    samples: 0,
    result: 'INVALID',
    reason: `${what}${where} was seen in ${phase}`,
    lacksSamples: true,
  };
}

export function tooFew(plan: ObjectivePlan, measured: number | null, samples: number): Measurement {
  return {
    measured,
    samples,
    result: 'INVALID',
    reason: `${many(samples, 'sample')} ${samples === 1 ? 'proves' : 'prove'} nothing: at least ${plan.minSamples} are needed`,
    lacksSamples: true,
  };
}
