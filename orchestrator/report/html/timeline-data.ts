import type { Objective } from '../../../thresholds/objective.ts';
import { parseDurationMs } from '../../../thresholds/units.ts';
import type { Judgement, SecondOfSamples } from '../../judge/types.ts';
import type { FaultResult } from '../../verdict.types.ts';
import { alertTitle, type RunFacts } from '../facts.ts';
import { duration } from '../text/format.ts';
import { plain } from '../text/plain.ts';

/** What the timeline draws, for the static picture and for the script in the page. All times are seconds after `zeroMs`. */
export interface TimelineData {
  readonly zeroMs: number;
  readonly from: number;
  readonly to: number;
  /** Seconds that one point stands for (it is placed in their middle): 1, or more in long runs. */
  readonly step: number;
  readonly times: readonly number[];
  /** The first is the whole load; then one per request name. */
  readonly groups: readonly TimelineGroup[];
  readonly lanes: readonly Lane[];
  readonly marks: readonly Mark[];
  /** When the machine that generated the load stood still, and was not able to measure. */
  readonly unable: readonly { readonly from: number; readonly to: number }[];
}

export interface TimelineGroup {
  readonly name: string;
  /** Milliseconds, of successful requests. */
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
  /** Per second. */
  readonly requests: readonly (number | null)[];
  readonly failed: readonly (number | null)[];
  readonly dropped: readonly (number | null)[];
  /** Percent of what was due. */
  readonly bad: readonly (number | null)[];
  /** The objectives for these requests outside of faults, in milliseconds. */
  readonly limits: readonly Limit[];
}

export interface Limit {
  readonly series: 'p50' | 'p95' | 'p99';
  readonly below: number;
  readonly label: string;
}

export interface Lane {
  /** For where the label is too long. */
  readonly name: string;
  readonly label: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  /** `planned` and `steady` only while the run lasts. */
  readonly kind: 'fault' | 'recovery' | 'outage' | 'unproven' | 'planned' | 'steady';
  readonly from: number;
  readonly to: number;
}

export interface Mark {
  readonly kind: 'alert' | 'resolved' | 'stop';
  readonly at: number;
  readonly label: string;
}

/** At most this many points: a run of hours is merged into buckets, worst percentile of each. */
const MAX_POINTS = 3600;

export function timelineData({ verdict, series }: Judgement, facts: RunFacts): TimelineData {
  const step = Math.max(1, Math.ceil(series.seconds.length / MAX_POINTS));
  const zeroMs = facts.zeroMs || series.startAt;
  const seconds = (time: string | number | null) =>
    time === null ? null : ((typeof time === 'number' ? time : Date.parse(time)) - zeroMs) / 1000;
  const first = (series.startAt - zeroMs) / 1000;
  const lanes = verdict.faults.map((fault) => lane(fault, facts, seconds, first + series.seconds.length));
  return {
    zeroMs,
    from: Math.min(0, first),
    to: first + Math.max(1, series.seconds.length),
    step,
    times: buckets(series.seconds, step).map((_, index) => round(first + (index + 0.5) * step)),
    groups: [
      group('All requests', series.seconds, step, limits(facts.started?.objectives ?? [], null)),
      ...Object.entries(series.byName).map(([name, one]) =>
        group(plain(name), one, step, limits(facts.started?.objectives ?? [], name)),
      ),
    ],
    lanes,
    unable: (verdict.machine?.unable ?? []).map(({ from, to }) => ({
      from: round(seconds(from) ?? 0),
      to: round(seconds(to) ?? 0),
    })),
    marks: [
      ...alertMarks(facts, seconds),
      ...facts.stops.map((stop) => ({
        kind: 'stop' as const,
        at: round(seconds(stop.at) ?? 0),
        label: plain(`stopped: ${stop.cause}`),
      })),
    ],
  };
}

/** One for all that arrived in the same second: a storm of alerts is one mark. */
function alertMarks(facts: RunFacts, seconds: (time: number) => number | null): Mark[] {
  const marks = new Map<string, { first: RunFacts['alerts'][number]; count: number }>();
  for (const alert of facts.alerts) {
    const key = `${alert.status} ${Math.floor(alert.receivedAt / 1000)}`;
    const mark = marks.get(key);
    if (mark === undefined) marks.set(key, { first: alert, count: 1 });
    else mark.count += 1;
  }
  return [...marks.values()].map(({ first, count }) => ({
    kind: first.status === 'firing' ? 'alert' : 'resolved',
    at: round(seconds(first.receivedAt) ?? 0),
    label: plain(`${alertTitle(first)} ${first.status}${count === 1 ? '' : ` and ${count - 1} more`}`),
  }));
}

function lane(
  fault: FaultResult,
  facts: RunFacts,
  seconds: (time: string | number | null) => number | null,
  end: number,
): Lane {
  const bars: Bar[] = [];
  const bar = (kind: Bar['kind'], from: number | null, to: number | null) => {
    if (from !== null) bars.push({ kind, from: round(from), to: round(Math.max(to ?? end, from)) });
  };
  const [injected, removed, recovered] = [fault.injectedAt, fault.removedAt, fault.recoveredAt].map(seconds);
  if (injected === null || injected === undefined) {
    const tried = facts.attempts.find((attempt) => attempt.fault === fault.name);
    if (tried !== undefined) bar('unproven', seconds(tried.from), seconds(tried.to));
  } else {
    bar('fault', injected, removed ?? null);
    if (removed && recovered && recovered > removed) bar('recovery', removed, recovered);
  }
  for (const outage of fault.outages) bar('outage', seconds(outage.from), seconds(outage.to));
  const proof = injected === null ? ' (no evidence)' : '';
  return {
    name: plain(fault.name),
    label: plain(`${fault.name}: ${fault.kind} ${fault.component}${proof}`),
    bars,
  };
}

/** The bounds that a chart of the requests with this name shows; null: of all together. */
export function limits(objectives: readonly Objective[], request: string | null): Limit[] {
  return objectives.flatMap((one): Limit[] => {
    if (!('percentile' in one) || one.metric !== undefined) return [];
    if (!['all', 'steady'].includes(one.phase ?? 'steady')) return [];
    const series = SERIES.find((name) => name === `p${one.percentile}`);
    const tags = Object.entries(one.where ?? {});
    const [[tag, value] = [], ...others] = tags;
    const same = request === null ? tags.length === 0 : tag === 'name' && value === request;
    const below = milliseconds(one.below);
    if (series === undefined || below === null || !same || others.length > 0) return [];
    return [{ series, below, label: `${series} < ${duration(below)}` }];
  });
}

/** Null for what is not a duration: a damaged journal gets its report all the same. */
function milliseconds(text: string): number | null {
  try {
    return parseDurationMs(text);
  } catch {
    return null;
  }
}

const SERIES = ['p50', 'p95', 'p99'] as const;

function group(
  name: string,
  seconds: readonly SecondOfSamples[],
  step: number,
  promised: readonly Limit[],
): TimelineGroup {
  const merged = buckets(seconds, step);
  const mean = (pick: (one: SecondOfSamples) => number) =>
    merged.map((bucket) => round(bucket.reduce((sum, one) => sum + pick(one), 0) / bucket.length));
  const worst = (key: 'p50' | 'p95' | 'p99') =>
    merged.map((bucket) =>
      bucket.reduce<number | null>((top, one) => {
        const value = one[key];
        return value === null || (top !== null && top >= value) ? top : round(value);
      }, null),
    );
  return {
    name,
    p50: worst('p50'),
    p95: worst('p95'),
    p99: worst('p99'),
    requests: mean((one) => one.requests),
    failed: mean((one) => Math.max(0, one.errors - one.dropped)),
    dropped: mean((one) => one.dropped),
    bad: merged.map((bucket) => {
      const due = bucket.reduce((sum, one) => sum + one.requests + one.dropped, 0);
      const errors = bucket.reduce((sum, one) => sum + one.errors, 0);
      return due === 0 ? null : round(Math.min(100, (errors / due) * 100));
    }),
    limits: promised,
  };
}

function buckets<T>(all: readonly T[], step: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / step) }, (_, index) =>
    all.slice(index * step, (index + 1) * step),
  );
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
