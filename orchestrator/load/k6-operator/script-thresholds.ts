import { readRecording } from '../../samples/recording/recording.ts';
import type { TagSet } from '../../samples/recording/tag-sets.ts';
import { createView } from '../../samples/recording/view.ts';
import { refuse } from './errors.ts';

/** A threshold of a script, e.g. `p(95)<500` of `http_req_duration{name:GET /}`. */
export interface ScriptThreshold {
  readonly text: string;
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aggregate: Aggregate;
  /** 0 to 1, for `p`. */
  readonly share: number;
  readonly operator: string;
  readonly bound: number;
}

type Aggregate = 'count' | 'sum per second' | 'share' | 'value' | 'avg' | 'min' | 'max' | 'p';

/**
 * The thresholds of a script in a form in which they can be judged over the samples of all its runners.
 * @param script its text, which says of what type its own metrics are
 * @throws ProviderError for one that cannot be understood: a promise that nobody judges would look kept
 */
export function scriptThresholds(
  thresholds: Readonly<Record<string, readonly unknown[] | null>>,
  script: string,
): ScriptThreshold[] {
  return Object.entries(thresholds).flatMap(([selector, all]) =>
    (all ?? []).map((one) => {
      const text = typeof one === 'string' ? one : (one as { threshold?: unknown } | null)?.threshold;
      const parsed = typeof text === 'string' ? parse(selector, text, script) : null;
      if (parsed !== null) return parsed;
      throw refuse(
        `the threshold ${JSON.stringify(one)} of ${selector} cannot be judged over several runners`,
        "say it as an objective of the drill, or write the metric's type into the script as `new Rate('name')`; `thresholds: ignore` of the load leaves all of them out",
      );
    }),
  );
}

function parse(selector: string, text: string, script: string): ScriptThreshold | null {
  const named = /^([A-Za-z_]\w*)(?:\{(.*)\})?$/s.exec(selector.trim());
  const said =
    /^\s*(count|rate|value|avg|min|max|med|p\(\s*(\d+(?:\.\d+)?)\s*\))\s*(<=|>=|===|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*$/.exec(
      text,
    );
  if (named === null || said === null) return null;
  const [, metric = '', inside = ''] = named;
  const [, word = '', percent, operator = '', bound] = said;
  const tags = tagsIn(inside);
  const aggregate = aggregateOf(word, metric, script);
  if (tags === null || aggregate === null) return null;
  const share = word === 'med' ? 0.5 : Number(percent ?? 0) / 100;
  return { text: `${selector}: ${text}`, metric, tags, aggregate, share, operator, bound: Number(bound) };
}

function tagsIn(inside: string): Record<string, string> | null {
  const tags: Record<string, string> = {};
  if (inside.trim() === '') return tags;
  for (const pair of inside.split(',')) {
    const at = pair.indexOf(':');
    if (at < 0) return null;
    const unquoted = (text: string) => text.trim().replace(/^(["'])(.*)\1$/s, '$2');
    tags[unquoted(pair.slice(0, at))] = unquoted(pair.slice(at + 1));
  }
  return tags;
}

const RATES = new Set(['http_req_failed', 'checks', 'browser_http_req_failed']);
const COUNTERS = new Set([
  'http_reqs',
  'iterations',
  'dropped_iterations',
  'data_sent',
  'data_received',
  'ws_sessions',
  'ws_msgs_sent',
  'ws_msgs_received',
  'grpc_streams',
  'grpc_streams_msgs_sent',
  'grpc_streams_msgs_received',
  'browser_data_sent',
  'browser_data_received',
]);

/** `rate` is a share of a Rate and a number per second of a Counter, and a sample does not say of which type its metric is. */
function aggregateOf(word: string, metric: string, script: string): Aggregate | null {
  if (word.startsWith('p') || word === 'med') return 'p';
  if (word !== 'rate') return word as Aggregate;
  if (RATES.has(metric)) return 'share';
  if (COUNTERS.has(metric)) return 'sum per second';
  const type = new RegExp(`\\b(Rate|Counter)\\d*\\(\\s*["'\`]${metric}["'\`]`).exec(script)?.[1];
  return type === 'Rate' ? 'share' : type === 'Counter' ? 'sum per second' : null;
}

/** More values than these are not kept, 8 bytes each. */
const MAX_VALUES = 20_000_000;

/**
 * Which of them the samples of all runners together break, as k6 would have decided over them: percentiles by linear interpolation
 * between the two values next to it (k6's TrendSink.P); a metric without samples breaks nothing. What setup() and teardown() sent is
 * left out, since each runner did it again.
 */
export async function brokenThresholds(
  recording: string,
  thresholds: readonly ScriptThreshold[],
): Promise<string[]> {
  const wanted = new Set(thresholds.map(({ metric }) => metric));
  const sinks = thresholds.map(createSink);
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  const widen = (start: number, end: number) => {
    if (start < from) from = start;
    if (end > to) to = end;
  };
  const view = createView({
    // A rate is over the whole load, not over the time in which its metric had samples.
    wants: (metric) => wanted.has(metric) || metric === 'iterations' || metric === 'vus',
    request(set, end, durationMs, blockedMs) {
      if (set.inLoad) widen(end - durationMs - blockedMs, end);
    },
    sample(metric, set, time, value) {
      if (!set.inLoad) return;
      widen(time, time);
      for (const sink of sinks) if (sink.threshold.metric === metric && sink.covers(set)) sink.add(value);
    },
  });
  const read = readRecording(recording, view);
  for await (const _ of read.steps);
  view.end(true);
  return sinks.flatMap((sink) => {
    const measured = sink.measured((to - from) / 1000);
    const { text, operator, bound } = sink.threshold;
    return measured === null || holds(measured, operator, bound) ? [] : [`${text} (it is ${measured})`];
  });
}

const COUNTED = new Set<string>(['count', 'sum per second']);

function createSink(threshold: ScriptThreshold) {
  const known: (boolean | undefined)[] = [];
  const wanted = Object.entries(threshold.tags);
  const isKept = threshold.aggregate === 'p';
  let values = new Float64Array(isKept ? 4096 : 0);
  let count = 0;
  let sum = 0;
  let nonZero = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let last = 0;
  return {
    threshold,
    covers(set: TagSet): boolean {
      known[set.id] ??= wanted.every(([key, value]) => set.tags[key] === value);
      return known[set.id] === true;
    },
    add(value: number): void {
      if (isKept && count < MAX_VALUES) {
        if (count === values.length) {
          const larger = new Float64Array(values.length * 2);
          larger.set(values);
          values = larger;
        }
        values[count] = value;
      }
      count += 1;
      sum += value;
      if (value !== 0) nonZero += 1;
      least = Math.min(least, value);
      most = Math.max(most, value);
      last = value;
    },
    measured(seconds: number): number | null {
      // k6 has a counter that nobody counted at 0, and no value of the others.
      if (count === 0) return COUNTED.has(threshold.aggregate) ? 0 : null;
      switch (threshold.aggregate) {
        case 'count':
          return sum;
        case 'sum per second':
          return seconds > 0 ? sum / seconds : 0;
        case 'share':
          return nonZero / count;
        case 'value':
          return last;
        case 'avg':
          return sum / count;
        case 'min':
          return least;
        case 'max':
          return most;
        case 'p':
          return interpolated(values.subarray(0, Math.min(count, MAX_VALUES)).sort(), threshold.share);
      }
    },
  };
}

function interpolated(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] as number;
  return low + ((sorted[Math.ceil(at)] as number) - low) * (at - Math.floor(at));
}

function holds(measured: number, operator: string, bound: number): boolean {
  switch (operator) {
    case '<':
      return measured < bound;
    case '<=':
      return measured <= bound;
    case '>':
      return measured > bound;
    case '>=':
      return measured >= bound;
    case '!=':
      return measured !== bound;
    default:
      return measured === bound;
  }
}
