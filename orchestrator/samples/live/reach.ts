import type { TagSet } from '../recording/tag-sets.ts';
import type { Unreached } from '../types.ts';

/** Watches whether anybody has ever answered this load. In doubt somebody has: a load that is ended for nothing costs a run. */
export interface ReachWatch {
  request(tags: TagSet, start: number, end: number, failed: boolean): void;
  sample(metric: string): void;
  /** Null as soon as one request was answered, and as long as too little is known. */
  readonly unreached: Unreached | null;
}

export const LEAST_MS = 5_000;
const LEAST_REQUESTS = 5;
/** Their failures look like their successes. */
export const OTHER_PROTOCOL = /^(?:ws|grpc|browser)_/;
/** k6 connected, and gave the request up while it waited: the target may just be slow. */
const REQUEST_TIMEOUT = '1050';

export function watchReach(): ReachWatch {
  const failures = new Map<TagSet, number>();
  let isReached = false;
  let requests = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  return {
    // Hot until the first answer, and nothing after it.
    request(tags, start, end, failed) {
      if (isReached) return;
      if (!failed || mayBeAnswered(tags)) {
        isReached = true;
        failures.clear();
        return;
      }
      requests += 1;
      first = Math.min(first, start);
      last = Math.max(last, end);
      failures.set(tags, (failures.get(tags) ?? 0) + 1);
    },
    sample(metric) {
      if (!isReached && OTHER_PROTOCOL.test(metric)) isReached = true;
    },
    get unreached() {
      if (isReached || requests < LEAST_REQUESTS || last - first < LEAST_MS) return null;
      return { requests, forMs: last - first, why: mostFrequent(failures) };
    },
  };
}

/** Of a request that failed. */
export function mayBeAnswered({ tags: { status, error_code } }: TagSet): boolean {
  if (error_code === REQUEST_TIMEOUT) return true;
  return status === undefined ? error_code === undefined : status !== '0';
}

/** `dial: connection refused (127.0.0.1:18099)`. */
function mostFrequent(failures: ReadonlyMap<TagSet, number>): string {
  const byText = new Map<string, number>();
  for (const [tags, count] of failures) {
    const text = whyOf(tags);
    byText.set(text, (byText.get(text) ?? 0) + count);
  }
  return [...byText].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

function whyOf({ tags: { error, error_code, url } }: TagSet): string {
  const why = error ?? (error_code === undefined ? 'no answer' : `error ${error_code}`);
  const host = url !== undefined && URL.canParse(url) ? new URL(url).host : '';
  return host === '' || why.includes(host) ? why : `${why} (${host})`;
}
