import { createMeter, type Meter, meterRequest } from '../objectives/meter.ts';
import { coverage, type MeterPlan } from '../objectives/meter-plan.ts';
import { ACKNOWLEDGED_COUNTER } from '../samples/record/own-metrics.ts';
import type { SampleVisitor } from '../samples/recording/records.ts';
import type { TagSet } from '../samples/recording/tag-sets.ts';
import { createHistogram, type Histogram, record } from '../statistics/histogram.ts';
import { add, addDrops, createDrops, type Drops, dropsOf } from './drops.ts';
import { meterMetrics } from './metric-samples.ts';
import { createEventLog, type EventLog, type RequestStream } from './outages/event-log.ts';
import { createHangFinder, type Hang, type HangFinder } from './outages/hangs.ts';
import { createStartFinder } from './outages/unknown-start.ts';
import type { LoadSpan, PhaseIndex } from './phases.ts';
import { createSeries, type Line, type SeriesBuilder } from './series.ts';

/** What one pass over the recordings collects. */
export interface Collector {
  /** One for each load: tag sets are numbered per recording. */
  visitor(): { readonly visitor: SampleVisitor; readonly counts: LoadCounts };
  finish(): Collected;
}

export interface LoadCounts {
  requests: number;
  dropped: number;
  iterations: number;
  acknowledged: number;
}

export interface Collected {
  /** Index as in the phases; one more at the end for the whole run. */
  readonly phases: readonly PhaseCounts[];
  /** Per plan, per phase; null where the plan has no business. */
  readonly meters: readonly (readonly (Meter | null)[])[];
  readonly load: LoadSpan | null;
  readonly series: SeriesBuilder;
  readonly events: EventLog | null;
  /** Of all loads; without a fault nobody looks. */
  readonly hangs: readonly Hang[];
}

export interface PhaseCounts {
  requests: number;
  failed: number;
  dropped: number;
  readonly histogram: Histogram;
}

export interface CollectOptions {
  readonly plans: readonly MeterPlan[];
  readonly phaseNames: readonly string[];
  readonly index: PhaseIndex;
  /** Single requests are kept from here on; null: none are needed. */
  readonly keepFrom: number | null;
  /** The first fault goes in; null: none does. */
  readonly disturbedFrom: number | null;
}

export function createCollector(options: CollectOptions): Collector {
  const { plans, phaseNames, index, keepFrom, disturbedFrom } = options;
  const whole = phaseNames.length;
  const phases: PhaseCounts[] = [...phaseNames, 'all'].map(() => ({
    requests: 0,
    failed: 0,
    dropped: 0,
    histogram: createHistogram(),
  }));
  const meters = plans.map((plan) =>
    [...phaseNames, 'all'].map((name) => (concerns(plan, name) ? createMeter() : null)),
  );
  const drops: Drops[] = [];
  const hangFinders: HangFinder[] = [];
  const series = createSeries();
  const events = keepFrom === null ? null : createEventLog(keepFrom);
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;

  function forLoad(): { visitor: SampleVisitor; counts: LoadCounts } {
    const counts: LoadCounts = { requests: 0, dropped: 0, iterations: 0, acknowledged: 0 };
    const covers = plans.map(coverage);
    const dropped = createDrops(plans);
    drops.push(dropped);
    const hang = disturbedFrom === null ? null : createHangFinder(disturbedFrom);
    if (hang !== null) hangFinders.push(hang);
    const known: (Known | undefined)[] = [];

    /** What is decided once for all requests with the same tags. */
    function knownOf(tags: TagSet): Known {
      const found = known[tags.id];
      if (found !== undefined) return found;
      const { name = '(no name)', scenario = '' } = tags.tags;
      const fresh: Known = {
        plans: plans.flatMap((plan, p) => (plan.source === 'requests' && covers[p]?.(tags) ? [p] : [])),
        scenario,
        line: series.line(name),
        stream: events?.stream(scenario, name) ?? null,
        requests: 0,
      };
      known[tags.id] = fresh;
      return fresh;
    }

    const metrics = meterMetrics({ plans, covers, meters, index, whole });
    const starts = createStartFinder(count);

    function count(tags: TagSet, start: number, end: number, durationMs: number, failed: boolean): void {
      counts.requests += 1;
      if (start < from) from = start;
      if (start > to) to = start;
      const injection = failed ? index.injectionDuring(start, end) : null;
      const hit = index.at(injection === null ? start : injection.injectedAt);
      for (let h = -1; h < hit.length; h++) {
        const phase = phases[h < 0 ? whole : (hit[h] as number)] as PhaseCounts;
        phase.requests += 1;
        if (failed) phase.failed += 1;
        else record(phase.histogram, durationMs);
      }
      const about = knownOf(tags);
      about.requests += 1;
      for (let i = 0; i < about.plans.length; i++) {
        const p = about.plans[i] as number;
        const plan = plans[p] as MeterPlan;
        const own = meters[p] as (Meter | null)[];
        for (let h = -1; h < hit.length; h++) {
          const meter = own[h < 0 ? whole : (hit[h] as number)];
          if (meter) meterRequest(meter, plan, durationMs, failed);
        }
      }
      series.request(about.line, start, durationMs, failed);
      if (events === null || about.stream === null || end < (keepFrom as number)) return;
      if (!failed) events.good(about.stream, start, end);
      else events.bad(about.stream, injection === null ? start : Math.max(start, injection.beganAt));
    }

    function countDropped(tags: TagSet, time: number, value: number): void {
      counts.dropped += value;
      if (time < from) from = time;
      if (time > to) to = time;
      const injection = index.injectionDuring(time, time);
      const hit = [...index.at(injection === null ? time : injection.injectedAt), whole];
      const own = dropsOf(dropped, tags, phases.length);
      for (const h of hit) {
        (phases[h] as PhaseCounts).dropped += value;
        own[h] = (own[h] as number) + value;
      }
      series.dropped(time, value);
      if (events !== null && keepFrom !== null && time >= keepFrom) {
        events.dropped(tags.tags.scenario ?? '', time, value);
      }
    }

    const visitor: SampleVisitor = {
      wants: (metric) => COUNTED.has(metric) || metrics.names.has(metric),
      request(tags, end, durationMs, blockedMs, failed) {
        if (!tags.inLoad) return;
        hang?.request(tags.tags.scenario ?? '', end);
        if (!starts.hold(tags, end, durationMs, blockedMs, failed)) {
          count(tags, end - durationMs - blockedMs, end, durationMs, failed);
        }
      },
      sample(metric, tags, time, value) {
        if (!tags.inLoad) return;
        if (metric === 'iterations') {
          counts.iterations += value;
          add(dropped.iterations, tags.tags.scenario, 1);
          hang?.iteration(tags.tags.scenario ?? '', time);
        } else if (metric === 'iteration_duration') {
          starts.iteration(tags, time, value);
          hang?.iterationDuration(tags.tags.scenario ?? '', time, value);
        } else if (metric === 'data_sent') hang?.over(tags.tags.scenario ?? '', time);
        else if (metric === 'dropped_iterations') countDropped(tags, time, value);
        else if (metric === ACKNOWLEDGED_COUNTER) counts.acknowledged += 1;
        metrics.sample(metric, tags, time, value);
        // k6 writes this counter only when it has something to count: an iteration that ran is the evidence that it was not dropped.
        if (metric === 'iterations') metrics.sample('dropped_iterations', tags, time, 0);
      },
    };

    finishers.push(() => {
      starts.flush();
      for (const about of known) {
        for (const p of about?.plans ?? []) {
          add(dropped.covered[p] as Map<string, number>, about?.scenario, about?.requests);
        }
      }
    });
    return { visitor, counts };
  }
  const finishers: (() => void)[] = [];

  return {
    visitor: forLoad,
    finish() {
      for (const finish of finishers) finish();
      plans.forEach((plan, p) => {
        for (const load of drops) addDrops(plan, p, meters[p] as (Meter | null)[], load);
      });
      const load = from <= to ? { from, to } : null;
      const hangs = hangFinders.flatMap((finder) => finder.hangs());
      return { phases, meters, load, series, events, hangs };
    },
  };
}

interface Known {
  /** Indices of the plans that speak about these requests. */
  readonly plans: readonly number[];
  readonly scenario: string;
  readonly line: Line | null;
  readonly stream: RequestStream | null;
  requests: number;
}

const COUNTED = new Set([
  'iterations',
  'iteration_duration',
  'dropped_iterations',
  'data_sent',
  ACKNOWLEDGED_COUNTER,
]);

/** An availability objective is measured in each phase, for the budget that each one spends. */
function concerns(plan: MeterPlan, phase: string): boolean {
  return plan.phase === phase || plan.kind === 'availability';
}
