import { type Meter, meterSample } from '../objectives/meter.ts';
import type { MeterPlan } from '../objectives/meter-plan.ts';
import type { TagSet } from '../samples/recording/tag-sets.ts';
import type { PhaseIndex } from './phases.ts';

/** The samples of the metrics (not the requests) that plans speak about, of one load. */
export interface MetricSamples {
  readonly names: ReadonlySet<string | undefined>;
  sample(metric: string, tags: TagSet, time: number, value: number): void;
}

export interface MetricSamplesOptions {
  readonly plans: readonly MeterPlan[];
  /** Per plan: does it speak about these tags? */
  readonly covers: readonly ((tags: TagSet) => boolean)[];
  /** Per plan, per phase; the last is the whole run. */
  readonly meters: readonly (readonly (Meter | null)[])[];
  readonly index: PhaseIndex;
  /** Where the whole run is among the phases. */
  readonly whole: number;
}

export function meterMetrics({ plans, covers, meters, index, whole }: MetricSamplesOptions): MetricSamples {
  const metricPlans = plans.flatMap((plan, i) => (plan.source === 'metric' ? [i] : []));
  const names = new Set(metricPlans.map((i) => (plans[i] as MeterPlan).metric));
  return {
    names,
    sample(metric, tags, time, value) {
      if (!names.has(metric)) return;
      const hit = index.at(time);
      for (const p of metricPlans) {
        const plan = plans[p] as MeterPlan;
        if (plan.metric !== metric || !covers[p]?.(tags)) continue;
        const own = meters[p] as readonly (Meter | null)[];
        for (let h = -1; h < hit.length; h++) {
          const meter = own[h < 0 ? whole : (hit[h] as number)];
          if (meter) meterSample(meter, plan, value);
        }
      }
    },
  };
}
