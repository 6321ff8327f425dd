import type { StopCondition } from '../../../chaos/schema/drill.ts';
import type { Objective } from '../../../thresholds/objective.ts';
import { dropWeight } from '../../objectives/drop-weight.ts';
import { evaluate, type MeterPlan, planMeter } from '../../objectives/kinds/index.ts';
import { addMeter, createMeter, type Meter, meterRequest, meterSample } from '../../objectives/meter.ts';
import { percentile, record } from '../../statistics/histogram.ts';
import { coverage } from '../recording/coverage.ts';
import type { SampleVisitor } from '../recording/records.ts';
import type { TagSet } from '../recording/tag-sets.ts';
import type { LiveObjective, LiveSecond, LiveTick } from '../types.ts';
import { collectNames } from './names.ts';
import { watchReach } from './reach.ts';
import { createSeconds, type Second } from './seconds.ts';
import { watchSilence } from './silence.ts';
import { lookBackSeconds, type StopWatch, watchStops } from './stop-conditions.ts';

export interface LiveOptions {
  readonly steadyWindowMs: number;
  readonly objectives: readonly Objective[];
  readonly stop: readonly StopCondition[];
  /** See SampleStreamOptions. */
  readonly iterationsToKnow?: Readonly<Record<string, number>>;
  /** Called once, with the start of the first request. */
  readonly onFirst: (at: number) => void;
}

export interface Live {
  readonly visitor: SampleVisitor;
  /** What the samples up to now say; null before the first. */
  tick(now: number): LiveTick | null;
}

/**
 * What steers a run while it runs: one slot for each second, as many as the longest window needs. Requests count in the second in
 * which they ended: this is a view of now; the verdict is made from the recording, by start.
 */
export function createLive(options: LiveOptions): Live {
  const burning = new Set(options.stop.flatMap((stop) => ('burn' in stop ? [stop.burn] : [])));
  const meters = options.objectives
    .map(planMeter)
    .filter((plan) => plan.phase === 'steady' || burning.has(plan.objective.name));
  const covers = meters.map((plan) => coverage(plan.objective));
  /** Per plan: the metric that it counts, null for requests. */
  const metricOf = meters.map(({ from }) => (from.source === 'metric' ? from.metric : null));
  const metricNames = new Set(metricOf.filter((metric) => metric !== null));
  const windowSeconds = Math.max(1, Math.ceil(options.steadyWindowMs / 1000));
  const lookBack = Math.max(windowSeconds, ...options.stop.map(lookBackSeconds));
  const seconds = createSeconds(Math.min(lookBack, 3600) + 3, meters.length);
  const covered = meters.map(() => new Map<string, number>());
  const iterations = new Map<string, number>();
  const silence = watchSilence(options.iterationsToKnow ?? {});
  const reach = watchReach();
  const requests = collectNames();
  let stops: StopWatch | null = null;
  let first = Number.NaN;
  let newest = 0;
  let vus: number | null = null;

  function begin(start: number): void {
    if (!Number.isNaN(first)) return;
    first = start;
    stops = watchStops(options.stop, meters, seconds, Math.floor(start / 1000));
    options.onFirst(start);
  }

  const visitor: SampleVisitor = {
    wants: (metric) =>
      metric === 'vus' || metricNames.has(metric) || !(IGNORED.has(metric) || metric.startsWith('http_req')),
    request(tags, end, durationMs, blockedMs, failed) {
      if (!tags.inLoad) return;
      const start = end - durationMs - blockedMs;
      begin(start);
      reach.request(tags, start, end, failed);
      requests.request(tags);
      if (end > newest) newest = end;
      silence.sign(end);
      const slot = seconds.slotAt(end);
      if (slot === null) return;
      if (failed) slot.failed += 1;
      else {
        slot.good += 1;
        record(slot.histogram, durationMs);
      }
      for (let i = 0; i < meters.length; i++) {
        const plan = meters[i] as MeterPlan;
        if (metricOf[i] !== null || !covers[i]?.(tags)) continue;
        meterRequest(slot.meters[i] as Meter, plan, durationMs, failed);
        if (plan.objective.where) count(covered[i] as Map<string, number>, tags.tags.scenario);
      }
    },
    sample(metric, tags, time, value) {
      if (!tags.inLoad) return;
      reach.sample(metric);
      if (metric === 'vus') {
        silence.vus(time, value);
        vus = value;
        if (!metricNames.has(metric)) return;
      }
      if (time > newest) newest = time;
      // What was dropped never ran: no sign of anything.
      if (metric !== 'dropped_iterations' && !IGNORED.has(metric)) silence.sign(time);
      if (metric === 'iteration_duration') silence.iteration(tags.tags.scenario ?? '', value);
      if (metric === 'iterations') count(iterations, tags.tags.scenario);
      // A request of its own reports the first sample: its lines come before those of the iteration that it belongs to.
      if (!metric.startsWith('http_req')) begin(metric.endsWith('_duration') ? time - value : time);
      meterMetric(metric, tags, time, value);
      // As in the verdict: an iteration that ran is the evidence that it was not dropped.
      if (metric === 'iterations') meterMetric('dropped_iterations', tags, time, 0);
    },
  };

  function meterMetric(metric: string, tags: TagSet, time: number, value: number): void {
    if (metric !== 'dropped_iterations' && !metricNames.has(metric)) return;
    const slot = seconds.slotAt(time);
    if (slot === null) return;
    if (metric === 'dropped_iterations' && value > 0) dropped(slot, tags, value);
    for (let i = 0; i < meters.length; i++) {
      const plan = meters[i] as MeterPlan;
      if (metricOf[i] === metric && covers[i]?.(tags)) {
        meterSample(slot.meters[i] as Meter, plan, value);
      }
    }
  }

  function dropped(slot: Second, tags: TagSet, value: number): void {
    slot.dropped += value;
    const scenario = tags.tags.scenario ?? '';
    for (let i = 0; i < meters.length; i++) {
      const plan = meters[i] as MeterPlan;
      if (metricOf[i] !== null) continue;
      const weight = dropWeight(
        plan.objective,
        tags.tags,
        covered[i]?.get(scenario) ?? 0,
        iterations.get(scenario) ?? 0,
      );
      (slot.meters[i] as Meter).dropped += weight * value;
    }
  }

  return {
    visitor,
    tick(now) {
      if (Number.isNaN(first)) return null;
      const current = Math.floor(newest / 1000);
      const shown = seconds.get(current - 1) ?? seconds.get(current);
      const { good = 0, failed = 0, dropped = 0 } = shown ?? {};
      const due = good + failed + dropped;
      const full = newest - first >= options.steadyWindowMs;
      const { silentMs } = silence;
      const inWindow = seconds.between(current - windowSeconds, current);
      return {
        at: now,
        newestSampleAt: newest,
        requestsPerSecond: good + failed,
        errorShare: due === 0 ? 0 : (failed + dropped) / due,
        p95Ms: shown && percentile(shown.histogram, 95),
        dropped,
        vus,
        seconds: seconds.between(current - TOLD_SECONDS, current - 1).map(liveSecond),
        objectives: meters.flatMap((plan, i) =>
          plan.phase === 'steady'
            ? [liveObjective(plan, i, inWindow, full, { from: first, to: newest })]
            : [],
        ),
        breached: stops?.breached(current) ?? [],
        silentMs,
        unreached: reach.unreached,
        requestNames: requests.names,
        breachedBySilence:
          silentMs === null
            ? []
            : (stops?.breachedBySilence({ silentMs, upTo: silence.heardTo, open: silence.atWork }) ?? []),
      };
    },
  };
}

/** Ticks may be late; what a later one tells again fills the gap. */
const TOLD_SECONDS = 10;

function liveSecond({ second, good, failed, dropped, histogram }: Second): LiveSecond {
  const [p50, p95, p99] = [50, 95, 99].map((p) => percentile(histogram, p)) as [
    number | null,
    number | null,
    number | null,
  ];
  return { second, requests: good + failed, failed, dropped, p50, p95, p99 };
}

/** Metrics that say nothing about when the load began. */
const IGNORED = new Set(['vus', 'vus_max', 'data_sent', 'data_received']);

function liveObjective(
  plan: MeterPlan,
  index: number,
  slots: readonly Second[],
  full: boolean,
  seen: { readonly from: number; readonly to: number },
): LiveObjective {
  const sum = createMeter();
  let from = Number.POSITIVE_INFINITY;
  for (const slot of slots) {
    addMeter(sum, slot.meters[index] as Meter);
    from = Math.min(from, slot.second * 1000);
  }
  const overMs = Math.max(0, seen.to - Math.max(from, seen.from));
  const { measured, samples, result, reason } = evaluate(plan, sum, overMs);
  return {
    name: plan.objective.name,
    holds: !full || result === 'INVALID' ? null : result === 'PASS',
    measured,
    samples,
    needs: plan.minSamples,
    overMs,
    reason,
  };
}

function count(counts: Map<string, number>, key = ''): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
