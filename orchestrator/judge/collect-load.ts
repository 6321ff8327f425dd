import { ACKNOWLEDGED_COUNTER } from '../../thresholds/k6-names.ts';
import type { MeterPlan } from '../objectives/kinds/index.ts';
import { type Meter, meterRequest } from '../objectives/meter.ts';
import { mayBeAnswered, OTHER_PROTOCOL } from '../samples/live/reach.ts';
import { coverage } from '../samples/recording/coverage.ts';
import type { SampleVisitor } from '../samples/recording/records.ts';
import type { TagSet } from '../samples/recording/tag-sets.ts';
import { record } from '../statistics/histogram.ts';
import { isExcused } from './by-machine.ts';
import { add, createDrops, type Drops, dropsOf } from './drops.ts';
import { type Thresholds, watchThresholds } from './empty-thresholds.ts';
import { countEvents } from './events.ts';
import { meterMetrics } from './metric-samples.ts';
import { failureKind } from './outages/baseline.ts';
import type { RequestStream } from './outages/event-log.ts';
import { createHangFinder, type Hang } from './outages/hangs.ts';
import { createStartFinder } from './outages/unknown-start.ts';
import { countSample, countsOf, type ScenarioCounts, showsWork } from './scenarios.ts';
import type { Line } from './series.ts';
import type { CollectOptions, PhaseCounts, Totals } from './totals.ts';

/** Reads the recording of one load into the totals of the run. */
export interface LoadCollector {
  readonly visitor: SampleVisitor;
  readonly counts: LoadCounts;
  readonly drops: Drops;
  /** Those of them that the machine can have caused. */
  readonly excusedDrops: Drops;
  hangs(): Hang[];
  /** After the last sample. */
  finish(): void;
}

export interface LoadCounts {
  requests: number;
  dropped: number;
  iterations: number;
  acknowledged: number;
  /** Per stream of events. */
  readonly streams: number[];
  readonly scenarios: Map<string, ScenarioCounts>;
  /** Requests that k6 was told not to judge, by name, and how many of them have no status either. */
  readonly unjudged: Map<string, number>;
  unknown: number;
  /** Requests with an `&` in a tag of the script, and the tags of one of them. */
  ambiguous: number;
  ambiguousTags: string;
  /** Failed requests by what k6 says of them. */
  readonly failures: Map<string, number>;
  /** Requests that nobody answered. */
  unanswered: number;
  /** Something beside HTTP was spoken. */
  speaksOther: boolean;
  /** Thresholds of the script that measured nothing. */
  emptyThresholds: readonly string[];
}

export function collectLoad(
  options: CollectOptions,
  totals: Totals,
  thresholds: Thresholds = [],
): LoadCollector {
  const { plans, index, keepFrom, disturbedFrom, lost } = options;
  const { meters, excused, whole, series, events, traces } = totals;
  const counts: LoadCounts = noCounts(options.streams.length);
  const covers = plans.map((plan) => coverage(plan.objective));
  const drops = createDrops(plans);
  const excusedDrops: Drops = { ...drops, counts: new Map() };
  const hang = createHangFinder(disturbedFrom ?? Number.POSITIVE_INFINITY);
  const metrics = meterMetrics({
    plans,
    openFrom: options.openFrom,
    covers,
    meters,
    excused,
    lost,
    index,
    whole,
  });
  const streams = countEvents(options, totals, counts.streams);
  const countRequest = requestCounter(options, totals, covers);
  const starts = createStartFinder(count);
  const watch = watchThresholds(thresholds);

  function count(tags: TagSet, start: number, end: number, durationMs: number, failed: boolean): void {
    counts.requests += 1;
    countRequest.add(tags, start, end, durationMs, failed);
  }

  function countDropped(tags: TagSet, time: number, value: number): void {
    counts.dropped += value;
    if (time < totals.from) totals.from = time;
    if (time > totals.to) totals.to = time;
    const injection = index.injectionDuring(time, time);
    const counted = lost?.isBehind(time) ? [drops, excusedDrops] : [drops];
    const own = counted.map((one) => dropsOf(one, tags, totals.phases.length));
    const hit = index.at(injection === null ? time : injection.injectedAt);
    for (const h of index.isWarmUp(time) ? hit : [...hit, whole]) {
      (totals.phases[h] as PhaseCounts).dropped += value;
      for (const one of own) one[h] = (one[h] as number) + value;
    }
    series.dropped(time, value);
    if (events !== null && keepFrom !== null && time >= keepFrom) {
      events.dropped(tags.tags.scenario ?? '', time, value);
    }
  }

  const visitor: SampleVisitor = {
    wants: (metric) =>
      COUNTED.has(metric) ||
      metrics.names.has(metric) ||
      streams.names.has(metric) ||
      traces.names.has(metric) ||
      watch.wants(metric) ||
      showsWork(metric),
    unjudged(tags, isKnown) {
      if (!tags.inLoad) return;
      const { name = '(no name)' } = tags.tags;
      counts.unjudged.set(name, (counts.unjudged.get(name) ?? 0) + 1);
      if (!isKnown) counts.unknown += 1;
    },
    request(tags, end, durationMs, blockedMs, failed) {
      // k6 judges what setup() sends, too.
      watch.request(tags);
      if (!tags.inLoad) return;
      hang.request(tags.tags.scenario ?? '', end);
      if (!starts.hold(tags, end, durationMs, blockedMs, failed)) {
        count(tags, end - durationMs - blockedMs, end, durationMs, failed);
      }
    },
    sample(metric, tags, time, value, metadata) {
      watch.sample(metric, tags);
      if (!tags.inLoad) return;
      counts.speaksOther ||= OTHER_PROTOCOL.test(metric);
      if (metadata !== '' && traces.names.has(metric)) traces.sample(tags, time, value, metadata);
      countSample(counts.scenarios, metric, tags, time, value);
      if (metric === 'iterations') {
        counts.iterations += value;
        add(drops.iterations, tags.tags.scenario, 1);
        hang.iteration(tags.tags.scenario ?? '', time);
      } else if (metric === 'iteration_duration') {
        starts.iteration(tags, time, value);
        hang.iterationDuration(tags.tags.scenario ?? '', time, value);
      } else if (metric === 'data_sent') hang.over(tags.tags.scenario ?? '', time, value);
      else if (metric === 'data_received') hang.received(tags.tags.scenario ?? '', time, value);
      else if (MESSAGES_RECEIVED.test(metric)) hang.request(tags.tags.scenario ?? '', time);
      else if (metric === 'dropped_iterations') countDropped(tags, time, value);
      else if (metric === ACKNOWLEDGED_COUNTER) counts.acknowledged += 1;
      metrics.sample(metric, tags, time, value);
      if (streams.names.has(metric) && streams.sample(metric, tags, time, value)) {
        hang.request(tags.tags.scenario ?? '', time);
        countsOf(counts.scenarios, tags.tags.scenario).events += 1;
      }
      // k6 writes this counter only when it has something to count: an iteration that ran is the evidence that it was not dropped.
      if (metric === 'iterations') metrics.sample('dropped_iterations', tags, time, 0);
    },
  };

  return {
    visitor,
    counts,
    drops,
    excusedDrops,
    hangs: () => hang.hangs(),
    finish() {
      starts.flush();
      counts.emptyThresholds = watch.empty;
      for (const {
        scenario,
        ambiguous,
        requests,
        failed,
        error,
        isAnswered,
        plans: own,
      } of countRequest.known()) {
        if (failed > 0) add(counts.failures, error, failed);
        if (!isAnswered) counts.unanswered += failed;
        countsOf(counts.scenarios, scenario).requests += requests;
        if (ambiguous !== undefined) {
          counts.ambiguous += requests;
          counts.ambiguousTags = ambiguous;
        }
        for (const p of own) add(drops.covered[p] as Map<string, number>, scenario, requests);
      }
    },
  };
}

export function noCounts(streams = 0): LoadCounts {
  return {
    requests: 0,
    dropped: 0,
    iterations: 0,
    acknowledged: 0,
    streams: new Array<number>(streams).fill(0),
    scenarios: new Map(),
    unjudged: new Map(),
    unknown: 0,
    ambiguous: 0,
    ambiguousTags: '',
    failures: new Map(),
    unanswered: 0,
    speaksOther: false,
    emptyThresholds: [],
  };
}

interface RequestCounter {
  /** Hot: once for each request of the run. */
  add(tags: TagSet, start: number, end: number, durationMs: number, failed: boolean): void;
  known(): readonly Known[];
}

/** What is decided once for all requests with the same tags. */
interface Known {
  /** Indices of the plans that speak about these requests. */
  readonly plans: readonly number[];
  readonly scenario: string;
  readonly line: Line | null;
  readonly stream: RequestStream | null;
  /** How they failed, if they did. */
  readonly kind: string;
  readonly ambiguous: string | undefined;
  readonly error: string;
  /** False: those that failed had no answer. */
  readonly isAnswered: boolean;
  requests: number;
  failed: number;
}

function requestCounter(
  { plans, index, keepFrom, lost }: CollectOptions,
  totals: Totals,
  covers: readonly ((tags: TagSet) => boolean)[],
): RequestCounter {
  const { phases, meters, excused, whole, series, events } = totals;
  const known: (Known | undefined)[] = [];

  function knownOf(tags: TagSet): Known {
    const found = known[tags.id];
    if (found !== undefined) return found;
    const { name = '(no name)', scenario = '' } = tags.tags;
    const fresh: Known = {
      plans: plans.flatMap((plan, p) => (plan.from.source === 'requests' && covers[p]?.(tags) ? [p] : [])),
      scenario,
      line: series.line(name),
      stream: events?.stream(scenario, name) ?? null,
      kind: failureKind(tags.tags),
      ambiguous: tags.ambiguous,
      error: tags.tags.error ?? failureKind(tags.tags),
      isAnswered: mayBeAnswered(tags),
      requests: 0,
      failed: 0,
    };
    known[tags.id] = fresh;
    return fresh;
  }

  return {
    add(tags, start, end, durationMs, failed) {
      if (start < totals.from) totals.from = start;
      if (start > totals.to) totals.to = start;
      // What the injection broke, or was still waiting when it took effect, is the fault's.
      const during = index.injectionDuring(start, end);
      const injection = during !== null && (failed || end >= during.injectedAt) ? during : null;
      const hit = index.at(injection === null ? start : injection.injectedAt);
      const first = index.isWarmUp(start) ? 0 : -1;
      for (let h = first; h < hit.length; h++) {
        const phase = phases[h < 0 ? whole : (hit[h] as number)] as PhaseCounts;
        phase.requests += 1;
        if (failed) phase.failed += 1;
        else record(phase.histogram, durationMs);
      }
      const about = knownOf(tags);
      about.requests += 1;
      if (failed) about.failed += 1;
      for (let i = 0; i < about.plans.length; i++) {
        const p = about.plans[i] as number;
        const plan = plans[p] as MeterPlan;
        const own = meters[p] as readonly (Meter | null)[];
        for (let h = first; h < hit.length; h++) {
          const meter = own[h < 0 ? whole : (hit[h] as number)];
          if (meter) meterRequest(meter, plan, durationMs, failed);
        }
        if (lost === null || failed || !isExcused(plan, lost, start, end, durationMs)) continue;
        for (let h = first; h < hit.length; h++) {
          const meter = excused?.[p]?.[h < 0 ? whole : (hit[h] as number)];
          if (meter) meterRequest(meter, plan, durationMs, failed);
        }
      }
      series.request(about.line, start, durationMs, failed);
      if (events === null || about.stream === null || end < (keepFrom as number)) return;
      if (!failed) events.good(about.stream, start, end);
      else
        events.bad(about.stream, injection === null ? start : Math.max(start, injection.beganAt), about.kind);
    },
    known: () => known.filter((about) => about !== undefined),
  };
}

/** Of a WebSocket or a gRPC stream, whose session may be longer than the load: the target is there. */
const MESSAGES_RECEIVED = /^(?:ws|grpc_streams)_msgs_received$/;

const COUNTED = new Set([
  'iterations',
  'iteration_duration',
  'dropped_iterations',
  'data_sent',
  'data_received',
  ACKNOWLEDGED_COUNTER,
]);
