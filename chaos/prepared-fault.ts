/**
 * A fault at run time: what it would hit, how it goes in and out, how it is undone. Free of definitions, so that the definition of a
 * provider can list its faults. Everybody else imports this from provider.ts.
 */

export interface Resolution {
  /** Everything that the selector matches, e.g. all replicas. */
  readonly candidates: readonly Target[];
  /** Those of the candidates that the fault would hit. */
  readonly targets: readonly Target[];
  /** How many candidates are healthy now; the last healthy one is not hit unless the drill says so. */
  readonly healthy: number;
}

/** One thing that can be hit, by an identity that cannot be mistaken for another: pid with start time, UID of an object. */
export interface Target {
  /** Readable and stable within a run, e.g. `gateway-1 (pid 4711)`. */
  readonly label: string;
  readonly identity: Readonly<Record<string, string | number>>;
  readonly healthy: boolean;
  /** For readers of the plan: what exactly would be hit, e.g. its command line, its children, who is connected. Free of secrets. */
  readonly details?: readonly string[];
}

/**
 * One fault, ready to go. Acting and observing are apart on purpose: a test replaces `act` by nothing, and `observe` must then
 * find no evidence. All of it is idempotent.
 */
export interface PreparedFault {
  /** Armed (on disk, with the guardian) before `act`. Empty for what leaves nothing to undo, such as a kill. */
  readonly undo: readonly UndoRecord[];
  /** How long this fault may take; left out: what suffices on one machine or one cluster. */
  readonly patience?: Patience;
  act(signal: AbortSignal): Promise<void>;
  /** Waits for the effect and says what was seen. @throws NoEvidenceError when `signal` ends before anything was seen. */
  observe(signal: AbortSignal): Promise<Evidence>;
  /**
   * Takes the fault away again. Nothing to do for kinds that do not last (kill, failover).
   * @param stopped the run is being stopped: nothing is left to prove, so it goes out at once
   */
  revert(signal: AbortSignal, stopped?: boolean): Promise<void>;
  /** Waits until the effect is gone: the fault is out, or (kinds that do not last) the component is back. @throws NoEvidenceError */
  observeEnd(signal: AbortSignal): Promise<Evidence>;
  /** After `observeEnd`: the effect is over, but something is left that `undo` has to remove. Left out: never. */
  isLeft?(): boolean;
}

/** A managed service proves itself by events that come a minute late: it is given longer than a process that dies. */
export interface Patience {
  /** From the order until there must be evidence that the fault is in; also after the load, because only the proof is late. */
  readonly evidenceMs: number;
  /** How long after the load the end may still show. Of a fault that lasts: from its removal on. */
  readonly endMs: number;
  /** How long its removal may take; left out: 15 s. */
  readonly revertMs?: number;
}

/** What was observed, not what was requested. */
export interface Evidence {
  readonly at: number;
  /** It may have been so much earlier: at the look before, it was not to be seen yet. Left out: not more than a few milliseconds. */
  readonly withinMs?: number;
  /** Sentences for the report, e.g. `gateway-1: pid 4711 is gone (was running for 12.3 s)`. At least one. */
  readonly seen: readonly string[];
  /** The service says so, and nothing else was seen to change: why that is no proof unless the load noticed, too. */
  readonly unwitnessed?: string;
}

/** The undo as data: written to disk before the fault is in, and enough to undo it in another process. JSON only. */
export interface UndoRecord {
  /** Unique within the run, e.g. `freeze:gateway-1`. */
  readonly id: string;
  readonly provider: string;
  readonly fault: string;
  readonly action: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** What it does, in words. */
  readonly describe: string;
  /** The command that a person types when all else failed. */
  readonly command: string;
  /** How long the undo may take before it counts as failed; left out: 4 s. */
  readonly deadlineMs?: number;
}

export interface UndoOutcome {
  readonly state: 'undone' | 'nothing-to-undo' | 'failed';
  readonly detail: string;
  /** What is there now and the command that removes it, when a failed undo knows better than its record. */
  readonly left?: { readonly what: string; readonly command: string };
  /**
   * Of a failed undo: it saw what it is to undo, or it could not look, because the place cannot be reached or is another one by now.
   * Only the latter may be declared clean by a person. Left out: neither, and nothing may be declared.
   */
  readonly sight?: 'there' | 'out-of-reach';
}

export interface Arming {
  /** Writes an undo record to the journal (fsync) and hands it to the guardian. Resolves when both have it. */
  readonly arm: (record: UndoRecord) => Promise<void>;
  /** Says that what the record stood for is gone. */
  readonly disarm: (record: UndoRecord) => Promise<void>;
}

/** Two targets are the same when their identity is. */
export function identityOf(target: Pick<Target, 'identity'>): string {
  return JSON.stringify(Object.entries(target.identity).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

export { NoEvidenceError, ProviderError } from './provider-error.ts';
