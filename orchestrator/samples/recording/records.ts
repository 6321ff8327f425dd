import type { TagSet } from './tag-sets.ts';

/**
 * What k6 said, line for line: made from its CSV while it runs, and from a recording ever after. Metrics and tags are named once,
 * and then by number. Texts are bytes as they stand in the CSV (quotes included), and valid during the call only.
 *
 * Times are whole epoch milliseconds and the nanoseconds within them: a double cannot hold both in one number. Values are whole
 * millionths, because k6 prints six decimals (for durations these are nanoseconds).
 */
export interface Records {
  /** The first line of the CSV, without its end. */
  columns(line: Uint8Array): void;
  /** Numbered from 0, in the order of their first sample. Answers whether anybody wants its samples. */
  metric(id: number, name: Uint8Array): boolean;
  /** The text of all tag columns. A slot may be used again, for other tags. */
  tags(slot: number, text: Uint8Array): void;
  /** The nine lines of a request. `values` are those of REQUEST_METRICS from the second to the eighth; valid during the call only. */
  request(tags: number, ms: number, nanos: number, values: RequestValues, failed: boolean): void;
  sample(metric: number, tags: number, ms: number, nanos: number, millionths: number): void;
  /** A sample with metadata, or with a value that is not 0 to 999999999 with six decimals. */
  oddSample(
    metric: number,
    tags: number,
    ms: number,
    nanos: number,
    value: Uint8Array,
    metadata: Uint8Array,
  ): void;
  /** A line that is not a sample of k6, without its end. */
  unreadable(line: Uint8Array): void;
}

export type RequestValues = Float64Array;

/** What k6 writes for each request, in this order. The first is 1, the last 0 or 1. */
export const REQUEST_METRICS = [
  'http_reqs',
  'http_req_duration',
  'http_req_blocked',
  'http_req_connecting',
  'http_req_tls_handshaking',
  'http_req_sending',
  'http_req_waiting',
  'http_req_receiving',
  'http_req_failed',
] as const;

/** Reads the samples of a load, live or recorded, in the order of k6. Times are epoch milliseconds with fractions. */
export interface SampleVisitor {
  /** Asked once per metric name: should its samples be reported one by one? */
  wants(metric: string): boolean;
  /**
   * One HTTP request. It started at `end - duration - blocked`: k6 does not count the time until it had a connection (`blocked`)
   * into the duration. `failed` as k6 judged it (http_req_failed), or see `unjudged`.
   */
  request(tags: TagSet, end: number, durationMs: number, blockedMs: number, failed: boolean): void;
  /** Called before a request that k6 was told not to judge: its status decides. `isKnown`: false when there is no status either. */
  unjudged?(tags: TagSet, isKnown: boolean): void;
  /** One sample of a metric that `wants` asked for. `metadata` as the script set it, mostly empty. */
  sample(metric: string, tags: TagSet, time: number, value: number, metadata: string): void;
}

/** How k6's text ended. `detail` says why it is not whole; empty when it is. */
export interface TextEnd {
  readonly samples: number;
  readonly detail: string;
}
