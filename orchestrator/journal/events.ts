/**
 * What the journal says: every decision, injection, observation and undo, on one clock (epoch milliseconds).
 * `judge` reads these and the recorded samples, and nothing else: a run can be judged again at any time.
 */
import type { Evidence, UndoOutcome, UndoRecord, Use } from '../../chaos/provider.ts';
import type { Drill } from '../../chaos/schema/drill.ts';
import type { Objective } from '../../thresholds/objective.ts';

/** A line that was changed, that is none, or (`gap`) before which lines are missing. Counted from 1. */
export interface Damage {
  readonly line: number;
  readonly kind: 'changed' | 'unreadable' | 'gap';
}

/** One line of journal.jsonl. `hash` is the SHA-256 of the line without it; `prev` is the hash of the line before. */
export interface JournalLine {
  readonly seq: number;
  readonly at: number;
  readonly event: JournalEvent;
  readonly prev: string;
  readonly hash: string;
}

export type JournalEvent =
  | RunStarted
  | { readonly type: 'note'; readonly text: string }
  | {
      readonly type: 'load-started';
      readonly load: number;
      readonly script: string;
      readonly pid: number;
      readonly k6: string;
    }
  /** Start of the first request: the zero of every `at:` in the drill. */
  | { readonly type: 'first-sample'; readonly time: number }
  | { readonly type: 'steady-held'; readonly forMs: number }
  | { readonly type: 'steady-failed'; readonly reason: string }
  | { readonly type: 'undo-armed'; readonly record: UndoRecord }
  | { readonly type: 'undo-done'; readonly id: string; readonly by: Undoer; readonly outcome: UndoOutcome }
  /** Written right before the injection, when it is due. */
  | {
      readonly type: 'fault-injecting';
      readonly fault: string;
      readonly targets: readonly string[];
      readonly dueAt: number;
    }
  | { readonly type: 'fault-injected'; readonly fault: string; readonly evidence: Evidence }
  | { readonly type: 'fault-unproven'; readonly fault: string; readonly reason: string }
  /** What used the fault's targets: before it went in (`steady`), and while it was in. */
  | {
      readonly type: 'fault-use';
      readonly fault: string;
      readonly when: 'steady' | 'in';
      readonly from: number;
      readonly to: number;
      readonly use: Use;
    }
  /** Squall began to take it away (kinds that last). */
  | { readonly type: 'fault-reverting'; readonly fault: string }
  /** The end was observed: the fault is out, or the component is back. */
  | { readonly type: 'fault-ended'; readonly fault: string; readonly evidence: Evidence }
  | { readonly type: 'fault-end-unproven'; readonly fault: string; readonly reason: string }
  | { readonly type: 'alert'; readonly alert: ReceivedAlert }
  /** Alerts that arrived and were not taken, whole calls or single ones. */
  | { readonly type: 'alerts-refused'; readonly count: number | null; readonly reason: string }
  | {
      readonly type: 'probe';
      readonly name: string;
      readonly ok: boolean;
      readonly time: number | null;
      readonly detail: string;
      /** The provider could not tell, not once. Left out: it could (or the journal is older than this). */
      readonly unanswered?: boolean;
    }
  | LoadEnded
  | WritesChecked
  /** The run was cut short: a stop condition, a signal, the kill switch, a dead guardian. */
  | { readonly type: 'stopped'; readonly cause: StopCause; readonly reason: string }
  /** A person has looked what is left of what damaged lines may have armed, and of what is out of reach: nothing. */
  | {
      readonly type: 'declared-clean';
      readonly damage: readonly Damage[];
      /** Armed records that nobody could look at, and why. Left out: none. */
      readonly records?: readonly { readonly id: string; readonly what: string }[];
      /** What the person typed. Left out: not known. */
      readonly words?: string;
    }
  | { readonly type: 'residue'; readonly what: string; readonly command: string }
  /** `clockStepMs`: how far the wall clock was set during the run. Left out: not known. */
  | { readonly type: 'run-ended'; readonly clockStepMs?: number };

export interface RunStarted {
  readonly type: 'run-started';
  readonly run: string;
  /** The orchestrator: as long as it lives, nobody else may undo what it did. Left out: not known. */
  readonly owner?: { readonly pid: number; readonly start: string };
  readonly squall: string;
  readonly drill: Drill;
  readonly environment: string;
  /** All objectives of the run, sets resolved. */
  readonly objectives: readonly Objective[];
  /** False: the environment has no receiver for alerts, so detection cannot be measured. Left out: it has one. */
  readonly receivesAlerts?: boolean;
  /** Resolved targets per fault, as planned. */
  readonly machine: {
    readonly os: string;
    readonly cpus: number;
    readonly memoryMb: number;
    readonly node: string;
  };
}

export interface LoadEnded {
  readonly type: 'load-ended';
  readonly load: number;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Did the sample stream end as it should: header seen, last line whole, end of file after k6's own exit? */
  readonly streamComplete: boolean;
  readonly streamDetail: string;
  /** Iterations that threw, from k6's own log; every iteration of a broken script throws and k6 still exits 0. */
  readonly scriptErrors: number;
  /** The same by scenario and second (epoch), bounded; `scenario: ''` for setup and teardown. Left out: not known. */
  readonly thrown?: readonly { readonly scenario: string; readonly second: number; readonly count: number }[];
}

export interface WritesChecked {
  readonly type: 'writes-checked';
  readonly acknowledged: number;
  readonly present: number;
  readonly lostIds: readonly string[];
  readonly duplicatedIds: readonly string[];
  /** Set when the look-up itself failed: the run cannot say whether writes were lost. */
  readonly failure: string | null;
}

export interface ReceivedAlert {
  /** When it arrived at squall's receiver. */
  readonly receivedAt: number;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string | null;
}

export type Undoer = 'orchestrator' | 'guardian' | 'recover';
export type StopCause =
  | 'stop-condition'
  | 'signal'
  | 'kill-switch'
  | 'steady-state'
  | 'guardian-lost'
  | 'load-ended'
  | 'error';
