/**
 * An objective: a promise with a number, measured on samples. Plain data, so that k6 (as `options.thresholds`) and the verdict read
 * the same thing. Texts carry their units (`100ms`, `0.1%`, `1000/s`); see units.ts.
 */
export type Objective = ObjectiveScope & ObjectiveMeasure;

export interface ObjectiveScope {
  /** The row in TARGETS.yaml where there is one, e.g. `gateway.latency.p95`. */
  readonly name: string;
  /** Only samples with all these k6 tags, e.g. `{ name: 'GET /health' }`. Left out: every sample of the metric. */
  readonly where?: Readonly<Record<string, string>>;
  /**
   * `all`, `steady` (the default), `fault:<name>` or `recovery:<name>`. `fault:<name>+5s`: at least 5 s from the injection on, for a
   * fault that may be over too soon to tell.
   */
  readonly phase?: string;
  /** A phase that is shorter than this proves nothing (INVALID), e.g. `15min`. */
  readonly for?: string;
  /** Fewer samples than this prove nothing (INVALID). Default: `defaultMinSamples`. */
  readonly minSamples?: number;
}

export type ObjectiveMeasure =
  /** A percentile of a duration: of `http_req_duration` of successful requests, or of another k6 trend (in ms). */
  | { readonly percentile: number; readonly below: string; readonly metric?: string }
  /** Share of bad events: failed requests and dropped iterations against all that were due. */
  | { readonly errors: true; readonly below: string }
  /** Good requests a second over the phase. */
  | { readonly throughput: true; readonly atLeast: string }
  /** Share of good events; carries an error budget over `window` (e.g. 30d). */
  | { readonly availability: true; readonly atLeast: string; readonly window: string }
  /**
   * Sum of a k6 counter, e.g. dropped chunks = 0. Exactly one of the bounds. `open`, beside `equals: 0` or `atMost`, is another counter
   * with the same tags: plus one when a check becomes due, minus one when it has been made, both in the load (not in setup or
   * teardown). If its sum over the whole run is not zero, or it has no sample, something went unseen, and nothing shows that the
   * bound holds.
   */
  | {
      readonly counter: string;
      readonly open?: string;
      readonly equals?: number;
      readonly atMost?: number;
      readonly atLeast?: number;
    }
  /** Share of a k6 rate or check metric that is true. */
  | { readonly rate: string; readonly atLeast?: string; readonly below?: string };

/** A file `thresholds/<name>.ts` has one of these as its default export; drills refer to it by `use: <name>`. */
export type ObjectiveSet = readonly Objective[];

/**
 * How many samples an objective needs: a percentile needs at least ten samples beyond it, and never fewer than 100 in all; an error
 * share needs ten times the inverse of its bound, but at least 100 and at most 1000; a counter needs one, or more where the
 * scenario knows how many its load makes (`due`).
 */
export function defaultMinSamples(measure: ObjectiveMeasure, bound?: number): number {
  if ('percentile' in measure) return Math.max(100, Math.ceil(10 / (1 - measure.percentile / 100)));
  if ('errors' in measure || 'availability' in measure || 'rate' in measure) {
    return bound && bound > 0 ? Math.min(1000, Math.max(100, Math.ceil(10 / bound))) : 100;
  }
  return 1;
}
