import type { z } from 'zod';
import type { MetricSelector } from '../fields/metric-selector.ts';
import { componentName, name } from '../fields/names.ts';
import { positiveDurationMs } from '../fields/units.ts';
import type { ReadingBounds } from './readings.ts';

/** What the run itself asks, again and again until it holds or the probe's time is up. */
export type Question =
  | {
      readonly of: 'alerts';
      readonly match: Readonly<Record<string, string>>;
      /** Labels that it must have, too, and not empty. */
      readonly has: readonly string[];
    }
  | { readonly of: 'url'; readonly url: string; readonly status: number }
  | ReadingsQuestion
  | ForecastQuestion;

/** Reads a value again and again, and holds it against bounds. */
export interface ReadingsQuestion {
  readonly of: 'readings';
  readonly source: ReadingSource;
  readonly change: 'value' | 'increase' | 'rate';
  readonly bounds: ReadingBounds;
  /** It has to hold all this time, or, an increase or a rate, over all of it. Null: once. */
  readonly lastsMs: number | null;
}

/** Holds what is forecast in the middle of a window against what the window comes to. */
export interface ForecastQuestion {
  readonly of: 'forecast';
  readonly forecast: ReadingSource;
  readonly actual: ReadingSource;
  /** A share of the larger one. */
  readonly offAtMost: number;
  readonly withinMs: number;
}

export type ReadingSource =
  | {
      readonly kind: 'page';
      readonly url: string;
      readonly selector: MetricSelector;
      readonly sum: boolean;
      readonly staleAfterMs: number;
    }
  | { readonly kind: 'promql'; readonly url: string; readonly query: string; readonly staleAfterMs: number }
  | { readonly kind: 'json'; readonly url: string; readonly path: string };

type Probe = { readonly kind: string };

/** What is true of a kind of probe: one file per kind in this folder, all of them listed in index.ts. */
interface Facts<Schema extends z.ZodType<Probe>> {
  readonly schema: Schema;
  /** What it asks for, in words, e.g. `at least 2 replicas of gateway`. */
  wanted(probe: z.output<Schema>): string;
}

interface OwnFacts<Schema extends z.ZodType<Probe>> extends Facts<Schema> {
  /**
   * Where the clock starts: when the injection of its fault begins, for what may be noticed before the fault is proven; or at that
   * proof.
   */
  readonly clock: 'injecting' | 'injected';
  question(probe: z.output<Schema>): Question;
}

/** A probe that the run answers by itself. */
export function probeKind<Schema extends z.ZodType<Probe>>(kind: string, facts: OwnFacts<Schema>) {
  const { schema, clock, wanted, question } = facts;
  const ofKind = guard<z.output<Schema>>(kind);
  return {
    schema,
    clock,
    wanted: (probe: Probe) => wanted(ofKind(probe)),
    question: (probe: Probe) => question(ofKind(probe)),
  };
}

/** A probe that its component's provider answers (Provider.probe), in a file of its own there. */
export function componentProbeKind<Schema extends z.ZodType<Probe>>(kind: string, facts: Facts<Schema>) {
  const ofKind = guard<z.output<Schema>>(kind);
  return {
    schema: facts.schema,
    clock: 'injected' as const,
    wanted: (probe: Probe) => facts.wanted(ofKind(probe)),
  };
}

function guard<Own extends Probe>(kind: string): (probe: Probe) => Own {
  const isOwn = (probe: Probe): probe is Own => probe.kind === kind;
  return (probe) => {
    if (isOwn(probe)) return probe;
    throw new TypeError(`a probe of kind ${probe.kind} is not of kind ${kind}`);
  };
}

const after = name.describe(
  'the fault whose injection starts the clock, or the earlier probe that has to hold first',
);

/** Of every probe that looks for the effect of a fault. */
export const afterFault = { name, within: positiveDurationMs, after };

/** Of every probe that a component's provider answers. */
export const ofComponent = {
  name,
  component: componentName,
  within: positiveDurationMs,
  after: after
    .optional()
    .describe(
      'the fault whose injection starts the clock, or the earlier probe that has to hold first; left out: the first sample of the load',
    ),
};
