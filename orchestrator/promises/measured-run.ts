import type { Outcome } from '../verdict.types.ts';

/** One thing that a run measured, whatever it was: an objective, an expectation, a probe, writes, a check of a gate, who was told. */
export interface MeasuredRow {
  readonly what: 'objective' | 'expectation' | 'probe' | 'writes' | 'check' | 'told' | 'page';
  /** As a register names it: `gateway.latency.p95`, `primary-lost.recoverWithin`, `alerted`, `lost`. */
  readonly name: string;
  /** Of objectives in drills; null: the whole run. */
  readonly phase: string | null;
  /** What it was measured against, e.g. `p95 < 100ms`; null where only the result says so. */
  readonly target: string | null;
  readonly measured: number | string | null;
  readonly result: Outcome | 'not measured';
  readonly reason: string;
}

/** What one drill, scenario or gate measured, or the page over all of them shows. */
export interface MeasuredRun {
  readonly kind: 'drill' | 'scenario' | 'gate' | 'page';
  readonly name: string;
  /** A run id, or the file of a k6 summary. */
  readonly run: string;
  /** Of drills. Left out: it does not say. */
  readonly environment?: string;
  /** ISO 8601; when it ended. */
  readonly at: string;
  /** What was not as the drill's file has it: it is a trial. Left out: all was. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Of the run as a whole; null: it has none. */
  readonly verdict: Outcome | null;
  /** Why no PASS in it proves anything, although it is FAIL as a whole: it was stopped, say. Left out: each may. */
  readonly unusable?: string;
  readonly rows: readonly MeasuredRow[];
}
