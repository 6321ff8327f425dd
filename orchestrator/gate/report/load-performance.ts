import { readRecording } from '../../samples/recording/recording.ts';
import { createView } from '../../samples/recording/view.ts';
import { createHistogram, type Histogram, percentile, record } from '../../statistics/histogram.ts';
import { SLOT_TAG } from '../side-by-side/switching-script.ts';

/** What k6's `--summary-export` says, as far as GitLab's `load_performance` report reads it: checks, time to the first byte, requests. */
export interface LoadPerformance {
  readonly metrics: {
    readonly checks?: { readonly passes: number; readonly fails: number; readonly value: number };
    readonly http_reqs: { readonly count: number; readonly rate: number };
    readonly http_req_duration?: Percentiles;
    readonly http_req_waiting?: Percentiles;
  };
}

export interface Percentiles {
  readonly min: number;
  readonly med: number;
  readonly max: number;
  readonly 'p(90)': number;
  readonly 'p(95)': number;
}

/** All loads of the candidate, one after the other; of a comparison, its slots only. Null when it made no request. */
export async function loadPerformance(recordings: readonly string[]): Promise<LoadPerformance | null> {
  const [duration, waiting] = [createHistogram(), createHistogram()];
  let [requests, passes, checks, seconds] = [0, 0, 0, 0];
  for (const file of recordings) {
    const span = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
    const view = createView({
      wants: (metric) => metric === 'checks' || metric === 'http_req_waiting',
      sample(metric, { inLoad, tags }, _time, value) {
        if (!inLoad || isBaseline(tags)) return;
        if (metric === 'http_req_waiting') return record(waiting, value);
        checks += 1;
        passes += Number(value !== 0);
      },
      request({ inLoad, tags }, end, durationMs) {
        if (!inLoad || isBaseline(tags)) return;
        requests += 1;
        span.from = Math.min(span.from, end - durationMs);
        span.to = Math.max(span.to, end);
        record(duration, durationMs);
      },
    });
    for await (const _ of readRecording(file, view).steps);
    if (span.to > span.from) seconds += (span.to - span.from) / 1000;
  }
  if (requests === 0) return null;
  return {
    metrics: {
      ...(checks === 0 ? {} : { checks: { passes, fails: checks - passes, value: passes / checks } }),
      http_reqs: { count: requests, rate: seconds > 0 ? requests / seconds : 0 },
      ...(duration.total === 0 ? {} : { http_req_duration: percentiles(duration) }),
      ...(waiting.total === 0 ? {} : { http_req_waiting: percentiles(waiting) }),
    },
  };
}

function isBaseline(tags: Readonly<Record<string, string>>): boolean {
  return tags[SLOT_TAG]?.split('.')[1] === 'baseline';
}

function percentiles(histogram: Histogram): Percentiles {
  const at = (p: number) => percentile(histogram, p) ?? 0;
  return { min: histogram.min, med: at(50), max: histogram.max, 'p(90)': at(90), 'p(95)': at(95) };
}
