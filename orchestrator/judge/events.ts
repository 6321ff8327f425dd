import type { Drill } from '../../chaos/schema/drill.ts';
import type { EventStream } from '../../chaos/schema/event-stream.ts';
import { coverage } from '../samples/recording/coverage.ts';
import type { TagSet } from '../samples/recording/tag-sets.ts';
import type { RequestStream } from './outages/event-log.ts';
import type { CollectOptions, PhaseCounts, Totals } from './totals.ts';

/** The events of one load that are no HTTP requests: outages are found in them as in requests. */
export interface EventCounter {
  readonly names: ReadonlySet<string>;
  /** Answers whether it was an event of some stream. */
  sample(metric: string, tags: TagSet, time: number, value: number): boolean;
}

/** Of a drill: those that it lists, and the calls that k6 measures itself as it does requests. */
export function streamsOf({ events = [] }: Pick<Drill, 'events'>): EventStream[] {
  const isListed = events.some((stream) => metricOf(stream) === CALLS.duration);
  return isListed ? [...events] : [...events, CALLS];
}

/** gRPC's status 0 is OK. k6 writes no number for a stream of messages, only for a call. */
const CALLS = { duration: 'grpc_req_duration', good: { status: '0' } } as const;

export function metricOf(stream: EventStream): string {
  if ('duration' in stream) return stream.duration;
  return 'rate' in stream ? stream.rate : stream.counter;
}

/** @param counts per stream, what it has counted */
export function countEvents(
  { streams, index, keepFrom }: CollectOptions,
  totals: Totals,
  counts: number[],
): EventCounter {
  const readers = streams.map((stream, i) => ({
    i,
    stream,
    metric: metricOf(stream),
    covers: coverage({ name: '', counter: '', ...(stream.where ? { where: stream.where } : {}) }),
    known: [] as (Known | undefined)[],
  }));
  /** When the last event of a stream came: somebody waits for the next one from then on. */
  const last = new Map<RequestStream, number>();
  const names = new Set(readers.map(({ metric }) => metric));

  function count(start: number, end: number, waitedFrom: number, about: Known, failed: boolean): void {
    const { phases, whole, events } = totals;
    if (start < totals.from) totals.from = start;
    if (start > totals.to) totals.to = start;
    const injection = failed ? index.injectionDuring(start, end) : null;
    const hit = index.at(injection === null ? start : injection.injectedAt);
    for (const h of index.isWarmUp(start) ? hit : [...hit, whole]) {
      const phase = phases[h] as PhaseCounts;
      phase.events += 1;
      if (failed) phase.failedEvents += 1;
    }
    if (events === null || about.log === null || end < (keepFrom as number)) return;
    if (!failed) events.good(about.log, waitedFrom, end);
    else events.bad(about.log, injection === null ? start : Math.max(start, injection.beganAt), about.kind);
  }

  return {
    names,
    sample(metric, tags, time, value) {
      let isEvent = false;
      for (const reader of readers) {
        const { i, stream, known } = reader;
        if (reader.metric !== metric || !reader.covers(tags)) continue;
        // A counter that adds nothing tells that it exists, not that something has come.
        if ('counter' in stream && value === 0) continue;
        known[tags.id] ??= knownOf(stream, tags, totals);
        const about = known[tags.id] as Known;
        const failed = 'rate' in stream ? value === 0 : about.isBad;
        if ('duration' in stream) count(time - value, time, time - value, about, failed);
        else {
          const before = (about.log === null ? undefined : last.get(about.log)) ?? time;
          count(time, time, Math.min(before, time), about, failed);
          // k6 does not write them in order.
          if (about.log !== null) last.set(about.log, Math.max(before, time));
        }
        counts[i] = (counts[i] ?? 0) + 1;
        isEvent = true;
      }
      return isEvent;
    },
  };
}

/** What is decided once for all events of a stream with the same tags. */
interface Known {
  readonly log: RequestStream | null;
  readonly isBad: boolean;
  /** How they failed, if they did. */
  readonly kind: string;
}

function knownOf(stream: EventStream, { tags }: TagSet, totals: Totals): Known {
  const own = tags.check ?? tags.name;
  const name = stream.name ?? [metricOf(stream), own].filter(Boolean).join(' ');
  const wanted = Object.entries('duration' in stream ? (stream.good ?? {}) : {});
  const wrong = wanted.find(([key, value]) => tags[key] !== value);
  return {
    log: totals.events?.stream(tags.scenario ?? '', name) ?? null,
    isBad: wrong !== undefined,
    kind: wrong === undefined ? 'not good' : `${wrong[0]} ${tags[wrong[0]] ?? 'missing'}`,
  };
}
