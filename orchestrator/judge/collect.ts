import type { Meter } from '../objectives/meter.ts';
import type { SampleVisitor } from '../samples/recording/records.ts';
import { collectLoad, type LoadCollector, type LoadCounts } from './collect-load.ts';
import { addDrops } from './drops.ts';
import type { Thresholds } from './empty-thresholds.ts';
import type { EventLog } from './outages/event-log.ts';
import type { Hang } from './outages/hangs.ts';
import type { LoadSpan } from './phases.ts';
import type { SeriesBuilder } from './series.ts';
import { type CollectOptions, createTotals, type PhaseCounts, type Totals } from './totals.ts';
import type { TraceLog } from './trace-log.ts';

/** What one pass over the recordings collects. */
export interface Collector {
  /** One for each load: tag sets are numbered per recording. */
  visitor(thresholds?: Thresholds): {
    readonly visitor: SampleVisitor;
    readonly counts: LoadCounts;
    hangs(): Hang[];
  };
  finish(): Collected;
}

export interface Collected {
  /** Index as in the phases; one more at the end for the whole run. */
  readonly phases: readonly PhaseCounts[];
  /** Per plan, per phase; null where the plan is not measured in that phase. */
  readonly meters: readonly (readonly (Meter | null)[])[];
  /** Of these, what only counts because of the machine; null: nothing. */
  readonly excused: Totals['excused'];
  readonly load: LoadSpan | null;
  readonly series: SeriesBuilder;
  readonly events: EventLog | null;
  readonly traces: TraceLog;
  /** Of all loads. */
  readonly hangs: readonly Hang[];
}

export function createCollector(options: CollectOptions): Collector {
  const { plans } = options;
  const totals = createTotals(options);
  const loads: LoadCollector[] = [];

  return {
    visitor(thresholds) {
      const load = collectLoad(options, totals, thresholds);
      loads.push(load);
      return load;
    },
    finish() {
      const { phases, meters, excused, series, events, traces, from, to } = totals;
      for (const load of loads) load.finish();
      plans.forEach((plan, p) => {
        for (const { drops, excusedDrops } of loads) {
          addDrops(plan, p, meters[p] as (Meter | null)[], drops);
          if (excused !== null) addDrops(plan, p, excused[p] as (Meter | null)[], excusedDrops);
        }
      });
      const hangs = loads.flatMap((load) => load.hangs());
      const load = from <= to ? { from, to } : null;
      return { phases, meters, excused, load, series, events, traces, hangs };
    },
  };
}
