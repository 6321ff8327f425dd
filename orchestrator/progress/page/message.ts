/** What the server of the live page tells the script in it, once or twice a second. Times are epoch milliseconds. */
import type { Lane, Limit, Mark } from '../../report/html/timeline-data.ts';

export interface LiveMessage {
  /** Forget what was told before: the first message of a connection, and after points were merged. */
  readonly full: boolean;
  readonly head: LiveHead;
  /** New and changed ones. */
  readonly points: readonly LivePoint[];
  readonly log: readonly LogLine[];
}

/** Small, and complete in every message. */
export interface LiveHead {
  readonly run: string;
  readonly directory: string;
  readonly drill: string;
  readonly environment: string;
  readonly description: string;
  /** When this was written: the browser's clock may be another one. */
  readonly now: number;
  /** Of the first sample; null before it. */
  readonly zeroMs: number | null;
  /** Of the load, where it is known. */
  readonly durationMs: number | null;
  readonly phase: string;
  readonly waitsFor: readonly Awaited[];
  readonly stopping: boolean;
  readonly figures: readonly Figure[];
  readonly objectives: readonly Row[];
  readonly faults: readonly Row[];
  readonly probes: readonly Row[];
  readonly alerts: { readonly count: number; readonly newest: readonly string[] };
  readonly timeline: LiveTimeline;
  /** Of another page: k6's own dashboard. */
  readonly k6Dashboard: string | null;
  readonly end: LiveEnd | null;
}

/** Something that squall waits for; `until` where there is a time for it. */
export interface Awaited {
  readonly text: string;
  readonly until: number | null;
}

export interface Figure {
  readonly name: string;
  readonly text: string;
  readonly note: string;
}

/** `tone` says it by colour what `state` says in words. */
export interface Row {
  readonly name: string;
  readonly tone: 'good' | 'bad' | 'plain';
  readonly state: string;
  readonly detail: string;
}

/** As in the report; seconds after `zeroMs`. A bar without an end lasts until now. */
export interface LiveTimeline {
  /** Seconds after the epoch of the first point's begin; null before there is one. */
  readonly first: number | null;
  readonly step: number;
  readonly lanes: readonly Lane[];
  readonly marks: readonly Mark[];
  readonly limits: readonly Limit[];
  readonly unable: readonly { readonly from: number; readonly to: number }[];
}

/** Index, then per second: requests, failed, dropped; then p50, p95, p99 in milliseconds. */
export type LivePoint = readonly [
  index: number,
  requests: number,
  failed: number,
  dropped: number,
  p50: number | null,
  p95: number | null,
  p99: number | null,
];

export interface LogLine {
  readonly number: number;
  readonly at: number;
  readonly tone: 'good' | 'bad' | 'plain';
  readonly text: string;
}

export interface LiveEnd {
  /** Null: there is none, the run did not start or ended by an error. */
  readonly verdict: 'PASS' | 'FAIL' | 'INVALID' | null;
  readonly reasons: readonly string[];
  /** The report's path; null when there is none. */
  readonly report: string | null;
  /** With the command that removes it. */
  readonly leftBehind: readonly string[];
}
