/**
 * The one interface between the run and what breaks things. The orchestrator knows this file and no provider;
 * scripts/ wires the two. Times are epoch milliseconds (fractions allowed) on this machine's clock.
 */

import type { DrillFault } from './faults/index.ts';
import type { ComponentProbe } from './probes/index.ts';
import type { Drill } from './schema/drill.ts';
import type { Component, Environment } from './schema/environment.ts';

export interface Provider {
  readonly name: string;
  /** What the fault would hit, right now. Reads only: `squall plan` calls this. @throws ProviderError when it cannot tell */
  resolve(request: FaultRequest, signal: AbortSignal): Promise<Resolution>;
  /** Opens what must exist during the whole run (TCP links, clients). `close` is called once, in every case. */
  open(context: SessionContext, signal: AbortSignal): Promise<ProviderSession>;
  /** Undoes one record, in whatever process (orchestrator, guardian, `squall recover`), any number of times. */
  undo(record: UndoRecord, signal: AbortSignal): Promise<UndoOutcome>;
  /**
   * Looks once, from outside the load; the run asks again until it holds or its time is up. Reads only. Asked once beforehand, too.
   * @throws ProviderError when it cannot tell: that refuses the drill, "not yet" is a reading
   */
  probe?(request: ProbeRequest, signal: AbortSignal): Promise<ProbeReading>;
  /**
   * What squall left behind in this environment, found without a journal (by the label of the run, say). Reads only;
   * the records go to `undo`. For providers whose faults carry a mark of their own.
   */
  findResidue?(request: ResidueRequest, signal: AbortSignal): Promise<readonly UndoRecord[]>;
  /** The drill in this provider's own format (`squall export`). Touches nothing. @throws ProviderError for what has none */
  exportDrill?(request: { readonly drill: Drill; readonly environment: Environment }): string;
}

export interface ProbeRequest {
  readonly run: string;
  readonly probe: ComponentProbe;
  readonly component: Component;
  readonly environment: Environment;
}

export interface ProbeReading {
  readonly ok: boolean;
  /** What was seen, whether it holds or not, e.g. `2 of 3 replicas are ready`. */
  readonly detail: string;
}

export interface ResidueRequest {
  readonly environment: Environment;
  /** Only of this run; left out: of any. */
  readonly run?: string;
}

export interface SessionContext {
  readonly run: string;
  readonly environment: Environment;
  /** Components of this provider that the drill touches, plus links that the environment declares. */
  readonly components: Readonly<Record<string, Component>>;
  /** Writes an undo record to the journal (fsync) and hands it to the guardian. Resolves when both have it. */
  readonly arm: (record: UndoRecord) => Promise<void>;
  /** Says that what the record stood for is gone. */
  readonly disarm: (record: UndoRecord) => Promise<void>;
}

export interface FaultRequest {
  readonly run: string;
  readonly fault: DrillFault;
  readonly componentName: string;
  readonly component: Component;
  readonly environment: Environment;
}

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

export interface ProviderSession {
  /**
   * Begins to watch what uses a fault's component; called at the first sample of the load. Reads only, bounded in memory.
   * Left out: this provider cannot measure use.
   */
  watchUse?(request: FaultRequest): UseWatch;
  /**
   * Gets everything ready for one fault without any effect on the target. Helpers started here must be inert, and must end
   * by themselves when this process dies.
   */
  prepare(request: FaultRequest, targets: readonly Target[], signal: AbortSignal): Promise<PreparedFault>;
  close(): Promise<void>;
}

/**
 * One fault, ready to go. Acting and observing are apart on purpose: a test replaces `act` by nothing, and `observe` must then
 * find no evidence. All of it is idempotent.
 */
export interface PreparedFault {
  /** Armed (on disk, with the guardian) before `act`. Empty for what leaves nothing to undo, such as a kill. */
  readonly undo: readonly UndoRecord[];
  act(signal: AbortSignal): Promise<void>;
  /** Waits for the effect and says what was seen. @throws NoEvidenceError when `signal` ends before anything was seen. */
  observe(signal: AbortSignal): Promise<Evidence>;
  /** Takes the fault away again. Nothing to do for kinds that do not last (kill, failover). */
  /** @param stopped the run is being stopped: nothing is left to prove, so it goes out at once */
  revert(signal: AbortSignal, stopped?: boolean): Promise<void>;
  /** Waits until the effect is gone: the fault is out, or (kinds that do not last) the component is back. @throws NoEvidenceError */
  observeEnd(signal: AbortSignal): Promise<Evidence>;
}

/** What was observed, not what was requested. */
export interface Evidence {
  readonly at: number;
  /** It may have been so much earlier: at the look before, it was not to be seen yet. Left out: not more than a few milliseconds. */
  readonly withinMs?: number;
  /** Sentences for the report, e.g. `gateway-1: pid 4711 is gone (was running for 12.3 s)`. At least one. */
  readonly seen: readonly string[];
}

/** Samples of a component's use, taken by the provider in the background. squall's own connections never count. */
export interface UseWatch {
  /** What used these targets between two moments. Never throws: what could not be measured is `inUse: null`, and says why. */
  between(targets: readonly Target[], from: number, to: number): Promise<Use>;
  close(): Promise<void>;
}

/** The second leg of evidence: was there anything that the fault could have hurt? */
export interface Use {
  /** null: it cannot be measured here, or was not watched for long enough. */
  readonly inUse: boolean | null;
  /** Sentences for the report, e.g. `31 clients sent 1.2 MB through the link in 12.0 s`. At least one. */
  readonly seen: readonly string[];
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

/** Two targets are the same when their identity is. */
export function identityOf(target: Pick<Target, 'identity'>): string {
  return JSON.stringify(Object.entries(target.identity).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

export { NoEvidenceError, ProviderError } from './provider-error.ts';
