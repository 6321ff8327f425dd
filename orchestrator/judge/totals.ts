import type { EventStream } from '../../chaos/schema/event-stream.ts';
import type { LostTime } from '../machine/lost-time.ts';
import type { MeterPlan } from '../objectives/kinds/index.ts';
import { createMeter, type Meter } from '../objectives/meter.ts';
import { createHistogram, type Histogram } from '../statistics/histogram.ts';
import { createEventLog, type EventLog } from './outages/event-log.ts';
import { type PhaseIndex, WARM_UP } from './phases.ts';
import { createSeries, type SeriesBuilder } from './series.ts';
import { createTraceLog, type TraceLog } from './trace-log.ts';

export interface CollectOptions {
  readonly plans: readonly MeterPlan[];
  /** The plans from this one on count what is still open, of plans before. */
  readonly openFrom: number;
  readonly phaseNames: readonly string[];
  readonly index: PhaseIndex;
  /** Single requests are kept from here on; null: none are needed. */
  readonly keepFrom: number | null;
  /** The first fault goes in; null: none does. */
  readonly disturbedFrom: number | null;
  /** What the machine took from the load; null: nothing. */
  readonly lost: LostTime | null;
  /** Events beside requests in which outages are looked for. */
  readonly streams: readonly EventStream[];
  /** Whether scripts may note traces in their own way, so that every failed request has to be looked at. */
  readonly tracesAll: boolean;
}

/** What all loads of a run count into. */
export interface Totals {
  readonly phases: readonly PhaseCounts[];
  readonly meters: readonly (readonly (Meter | null)[])[];
  /** The part of `meters` that only counts against an objective because of the machine; null: it took nothing. */
  readonly excused: readonly (readonly (Meter | null)[])[] | null;
  readonly series: SeriesBuilder;
  readonly events: EventLog | null;
  readonly traces: TraceLog;
  /** Where the whole run is among the phases. */
  readonly whole: number;
  from: number;
  to: number;
}

export interface PhaseCounts {
  requests: number;
  failed: number;
  dropped: number;
  /** Of the streams. */
  events: number;
  failedEvents: number;
  readonly histogram: Histogram;
}

export function createTotals({ plans, phaseNames, keepFrom, lost, tracesAll }: CollectOptions): Totals {
  const names = [...phaseNames, 'all'];
  const meters = () =>
    plans.map((plan) => names.map((name) => (concerns(plan, name) ? createMeter() : null)));
  return {
    phases: names.map(newPhase),
    meters: meters(),
    excused: lost === null ? null : meters(),
    series: createSeries(),
    events: keepFrom === null ? null : createEventLog(keepFrom),
    traces: createTraceLog(tracesAll),
    whole: phaseNames.length,
    from: Number.POSITIVE_INFINITY,
    to: Number.NEGATIVE_INFINITY,
  };
}

function newPhase(): PhaseCounts {
  return { requests: 0, failed: 0, dropped: 0, events: 0, failedEvents: 0, histogram: createHistogram() };
}

/** An availability objective is measured in each phase, for the budget that each one spends. */
function concerns(plan: MeterPlan, phase: string): boolean {
  return plan.phase === phase || (plan.kind === 'availability' && phase !== WARM_UP);
}
