import type { JournalEvent } from '../journal/events.ts';
import type { TagSet } from '../samples/recording/tag-sets.ts';

/** The script's own, as the journal has them. */
export type Thresholds = NonNullable<Extract<JournalEvent, { type: 'load-started' }>['thresholds']>;

/** Finds the thresholds that measured nothing: k6 takes a percentile without a sample for 0, and passes it. */
export interface ThresholdWatch {
  wants(metric: string): boolean;
  /** Hot until each of them was seen. */
  request(tags: TagSet): void;
  sample(metric: string, tags: TagSet): void;
  /** The metrics of those without a sample, as the script wrote them. */
  readonly empty: readonly string[];
}

export function watchThresholds(thresholds: Thresholds): ThresholdWatch {
  const [requests, samples] = [new Set<Watched>(), new Set<Watched>()];
  for (const one of thresholds.flatMap(watchedOf)) (isRequest(one.metric) ? requests : samples).add(one);
  const known = new Set<number>();
  const names = new Set([...samples].map(({ metric }) => metric));
  return {
    wants: (metric) => names.has(metric),
    request(tags) {
      if (requests.size === 0 || known.has(tags.id)) return;
      known.add(tags.id);
      for (const one of requests) if (covers(one, tags)) requests.delete(one);
    },
    sample(metric, tags) {
      if (!names.has(metric)) return;
      for (const one of samples) if (one.metric === metric && covers(one, tags)) samples.delete(one);
    },
    get empty() {
      return [...requests, ...samples].map(({ selector }) => selector);
    },
  };
}

interface Watched {
  readonly selector: string;
  readonly metric: string;
  readonly tags: readonly (readonly [key: string, value: string])[];
}

/**
 * Only what cannot be kept without a sample. `count<10` of errors is kept when there was none, and so is the time that failed requests took.
 * A count that has to be reached (`count>=1`) k6 takes for 0 and fails; a rate without a sample (`rate>0.9`) and a gauge that nobody set
 * it passes. `p(95)>=0` only makes k6 print a line.
 */
function watchedOf({ metric: selector, asks }: Thresholds[number]): Watched[] {
  const [, metric, inside = ''] = /^\s*([A-Za-z_]\w*)\s*(?:\{(.*)\})?\s*$/s.exec(selector) ?? [];
  if (metric === undefined) return [];
  const tags = inside.split(',').flatMap((pair) => {
    const at = pair.indexOf(':');
    return at < 0 ? [] : [[unquoted(pair.slice(0, at)), unquoted(pair.slice(at + 1))] as const];
  });
  const isShare = metric === 'http_req_failed' && tags.length > 0;
  const isBounded = asks.some(
    (ask) => TREND_BELOW.test(ask) || GAUGE.test(ask) || isReached(ask) || (isShare && RATE_BELOW.test(ask)),
  );
  return isBounded && !tags.some((tag) => meansFailure(metric, tag)) ? [{ selector, metric, tags }] : [];
}

const TREND_BELOW = /^\s*(?:avg|min|max|med|p\([^)]*\))\s*(?:<|==)/;
const GAUGE = /^\s*value\s*[<>=!]/;
const RATE_BELOW = /^\s*rate\s*(?:<|==)/;

/** `rate>0.9`, `rate>=0.9` and `rate==1`; `rate>=0` is kept whatever happens. */
function isReached(ask: string): boolean {
  const [, operator, bound] = /^\s*rate\s*(>=?|={2,3})\s*([\d.]+)/.exec(ask) ?? [];
  return operator !== undefined && (Number(bound) > 0 || operator === '>');
}

/** Requests with such a tag are not there when all went well. */
function meansFailure(metric: string, [key, value]: Watched['tags'][number]): boolean {
  if (key === 'status') return !(isRequest(metric) && /^[23]\d\d$/.test(value));
  return key === 'error' || key === 'error_code' || (key === 'expected_response' && value !== 'true');
}

/** In doubt they do: of a folded set tags are missing, and where an `&` is in one, they have two readings. */
function covers({ tags }: Watched, set: TagSet): boolean {
  if (set.folded || set.ambiguous !== undefined) return true;
  return tags.every(([key, value]) => (set.tags[key] ?? '') === value);
}

function isRequest(metric: string): boolean {
  return metric.startsWith('http_req');
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/s, '$2');
}
