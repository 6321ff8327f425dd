/** Names that a k6 script and squall have to spell alike, in one place for both. */

/** The counter to which a scenario adds 1 for each write that the target acknowledged … */
export const ACKNOWLEDGED_COUNTER = 'squall_writes_acknowledged';
/** … with the write's id under this key of `exec.vu.metrics.metadata`. An id must not contain `&`: k6 escapes nothing. */
export const WRITE_ID_KEY = 'squall_write';

/** The counter to which a script adds 1 for each failed request that was sent with a `traceparent` … */
export const FAILED_TRACES_COUNTER = 'squall_failed_traces';
/** … with the id of its trace under this key of the metadata. Grafana's instrumentation for k6 uses the same, on each sample. */
export const TRACE_ID_KEY = 'trace_id';

/** The counter that tells how many samples a metric of our own has: k6 passes a threshold on a metric without any. */
export const samplesOf = (metric: string): string => `${metric}_samples`;

/** A metric with some of its tags, as k6 writes it in `thresholds`: `http_reqs{name:GET /health}`. */
export const withTags = (metric: string, tags: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(tags).map(([key, value]) => `${key}:${value}`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(',')}}`;
};
