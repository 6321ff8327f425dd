import type { LostTime } from '../machine/lost-time.ts';
import type { MeterPlan } from '../objectives/kinds/index.ts';
import { type Meter, meterSample } from '../objectives/meter.ts';
import type { TagSet } from '../samples/recording/tag-sets.ts';
import { isSampleExcused } from './by-machine.ts';
import type { PhaseIndex } from './phases.ts';
import type { Totals } from './totals.ts';

/** The samples of the metrics (not the requests) that plans speak about, of one load. */
export interface MetricSamples {
  readonly names: ReadonlySet<string>;
  sample(metric: string, tags: TagSet, time: number, value: number): void;
}

export interface MetricSamplesOptions {
  readonly plans: readonly MeterPlan[];
  /** From this plan on they count what is still open: that goes up in the warm-up and down after it. Left out: none. */
  readonly openFrom?: number | undefined;
  /** Per plan: does it speak about these tags? */
  readonly covers: readonly ((tags: TagSet) => boolean)[];
  /** Per plan, per phase; the last is the whole run. */
  readonly meters: readonly (readonly (Meter | null)[])[];
  /** As in the totals. */
  readonly excused: Totals['excused'];
  readonly lost: LostTime | null;
  readonly index: PhaseIndex;
  /** Where the whole run is among the phases. */
  readonly whole: number;
}

export function meterMetrics(options: MetricSamplesOptions): MetricSamples {
  const { plans, openFrom = plans.length, covers, meters, excused, lost, index, whole } = options;
  const metricPlans = plans.flatMap(({ from }, i) =>
    from.source === 'metric' ? [{ i, metric: from.metric }] : [],
  );
  const names = new Set<string>(metricPlans.map(({ metric }) => metric));
  return {
    names,
    sample(metric, tags, time, value) {
      if (!names.has(metric)) return;
      const hit = index.at(time);
      for (const { i: p, metric: own } of metricPlans) {
        if (own !== metric || !covers[p]?.(tags)) continue;
        const plan = plans[p] as MeterPlan;
        const phases = meters[p] as readonly (Meter | null)[];
        const first = p < openFrom && index.isWarmUp(time) ? 0 : -1;
        for (let h = first; h < hit.length; h++) {
          const meter = phases[h < 0 ? whole : (hit[h] as number)];
          if (meter) meterSample(meter, plan, value);
        }
        if (lost === null || !isSampleExcused(plan, lost, time, value)) continue;
        for (let h = first; h < hit.length; h++) {
          const meter = excused?.[p]?.[h < 0 ? whole : (hit[h] as number)];
          if (meter) meterSample(meter, plan, value);
        }
      }
    },
  };
}
