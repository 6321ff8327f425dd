/**
 * The one interface between the run and what breaks things. The orchestrator knows this file and no provider;
 * scripts/ wires the two. Times are epoch milliseconds (fractions allowed) on this machine's clock.
 */

import type { DrillFault } from './faults/index.ts';
import type { Arming, PreparedFault, Resolution, Target, UndoOutcome, UndoRecord } from './prepared-fault.ts';
import type { ComponentProbe } from './probes/index.ts';
import type { Drill } from './schema/drill.ts';
import type { Component, Environment } from './schema/environment.ts';

export interface Provider {
  readonly name: string;
  /** What it opens does not need the target, and the target may need it at its start: it is opened before the target is brought up. */
  readonly opensFirst?: boolean;
  /** Its records name processes, which only who runs beside them can see: elsewhere they would seem to be gone. */
  readonly seesProcesses?: boolean;
  /** What the fault would hit, right now. Reads only: `squall plan` calls this. @throws ProviderError when it cannot tell */
  resolve(request: FaultRequest, signal: AbortSignal): Promise<Resolution>;
  /** Opens what must exist during the whole run (TCP links, clients). `close` is called once, in every case. */
  open(context: SessionContext, signal: AbortSignal): Promise<ProviderSession>;
  /** Undoes one record, in whatever process (orchestrator, guardian, `squall recover`), any number of times. */
  undo(record: UndoRecord, signal: AbortSignal): Promise<UndoOutcome>;
  /**
   * Looks once, from outside the load; the run asks again until it holds or its time is up. Reads only, but for what a probe is
   * there to try (`round-trip`). Asked once beforehand, too.
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
  /** When the probe's clock started. Left out: this is the look beforehand, which only asks whether it can be answered. */
  readonly since?: number;
  /** Takes over what the probe has made and could not remove: the run tries once more at its end, and tells what is left. */
  readonly leave?: (record: UndoRecord) => Promise<void>;
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

export interface SessionContext extends Arming {
  readonly run: string;
  readonly environment: Environment;
  /** Components of this provider that the drill touches, plus links that the environment declares. */
  readonly components: Readonly<Record<string, Component>>;
}

export interface FaultRequest {
  readonly run: string;
  readonly fault: DrillFault;
  readonly componentName: string;
  readonly component: Component;
  readonly environment: Environment;
}

export interface ProviderSession {
  /** Tells the target's clients about what was opened, where they have to be told. Called once, when the target is up. */
  announce?(): Promise<void>;
  /**
   * The threads of this process that carry connections between the load and its target, as the kernel numbers them: waiting for a
   * processor, they delay requests.
   */
  carriers?(): readonly number[];
  /**
   * Begins to watch what uses a fault's component; called before the load begins. Reads only, bounded in memory.
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

/** Samples of a component's use, taken by the provider in the background. squall's own connections never count. */
export interface UseWatch {
  /**
   * Resolves when it has seen what uses the component without the load. The load waits for that, but not for long. Left out: it does not
   * look at it.
   */
  readonly ready?: Promise<void>;
  /** What used these targets. Never throws: what could not be measured is `inUse: null`, and says why. */
  between(targets: readonly Target[], window: UseWindow): Promise<Use>;
  close(): Promise<void>;
}

/** Two moments, epoch ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface UseWindow extends Span {
  /** From the beginning of the watch until the load was let go. What goes on under the load as it did then is not its use. */
  readonly quiet: Span;
  /** By when this share (0 to 1) of the requests in the window had been made. Left out: evenly. */
  readonly madeBy?: (share: number) => number;
}

/** The second leg of evidence: was there anything that the fault could have hurt? */
export interface Use {
  /** By the load. null: it cannot be measured here, was not watched for long enough, or whose use it was cannot be told. */
  readonly inUse: boolean | null;
  /** Sentences for the report, e.g. `31 clients sent 1.2 MB through the link in 12.0 s`. At least one. */
  readonly seen: readonly string[];
}

export type {
  Evidence,
  Patience,
  PreparedFault,
  Resolution,
  Target,
  UndoOutcome,
  UndoRecord,
} from './prepared-fault.ts';
export { identityOf, NoEvidenceError, ProviderError } from './prepared-fault.ts';
