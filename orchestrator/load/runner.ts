/**
 * The interface between a run and whatever runs its k6 scripts: a k6 on this machine, or several on a cluster. `runners.ts` lists all runners. Nothing
 * outside a runner's folder knows more about it than this.
 */
import type { UndoRecord } from '../../chaos/provider.ts';
import type { LoadSettings } from '../../chaos/schema/load.ts';
import type { LoadEnded, LoadRunners } from '../journal/events.ts';
import type { PlannedLoad } from '../plan.types.ts';
import type { SampleStream, SampleStreamOptions } from '../samples/types.ts';
import type { Undoing } from '../undo.ts';

/** It also undoes its own loads, in any process; `name` is the provider in their undo records. */
export interface LoadRunner extends Undoing {
  /**
   * Finds out what a script is going to do, without running an iteration, and whether this runner can do it here.
   * @throws Error with k6's own message if the script does not load; ProviderError that says what is missing
   */
  inspect(load: ScriptToInspect): Promise<LoadShape>;
  /**
   * Finds out what only trying shows, right before a run: what it makes is gone when it resolves. Left out: there is nothing to try.
   * @returns what could not be found out; null when all is well
   * @throws ProviderError that says what is missing
   */
  tryOut?(trial: LoadTrial): Promise<string | null>;
  /** Names of the variables in this environment that k6 would obey and does not get. */
  notPassedOn(env: NodeJS.ProcessEnv): readonly string[];
  /** Resolves when the load is ready and waits for `go`: its undo can be armed first. @throws when it cannot start */
  start(start: LoadStart): Promise<HeldLoad>;
  /** What its loads left behind where these settings point, with or without a journal. */
  findResidue?(
    settings: LoadSettings,
    run: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly UndoRecord[]>;
}

export interface K6Binary {
  readonly path: string;
  readonly version: string;
  readonly major: number;
}

export interface ScriptToInspect {
  readonly k6: K6Binary;
  readonly script: string;
  readonly vars: Readonly<Record<string, string>>;
  /** As the environment has them; left out: k6 on this machine. */
  readonly settings?: LoadSettings | undefined;
  /** Whether what the script's own thresholds say will count; left out: it does. */
  readonly judgesThresholds?: boolean;
}

export interface LoadTrial {
  /** The id of the run. */
  readonly run: string;
  readonly load: PlannedLoad;
  readonly arm: (record: UndoRecord) => Promise<void>;
  readonly disarm: (record: UndoRecord, detail: string) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface LoadShape
  extends Pick<PlannedLoad, 'durationMs' | 'iterationsToKnow' | 'systemTags' | 'thresholds'> {
  /** The least number that the script's own thresholds ask of a counter, by its name with selector: `vocal_dropped_samples` of 50. */
  readonly least: ReadonlyMap<string, number>;
}

export interface LoadStart {
  readonly k6: K6Binary;
  /** The id of the run. */
  readonly run: string;
  readonly load: PlannedLoad;
  readonly index: number;
  /** `k6/` of the run's directory: logs go there. */
  readonly directory: string;
  /** k6 serves its own dashboard here, on this machine. Left out: it serves none. */
  readonly dashboardPort?: number;
  /** Takes secrets out of what k6 says. */
  readonly redact: (line: string) => string;
  readonly samples: Pick<
    SampleStreamOptions,
    'recording' | 'steadyWindowMs' | 'objectives' | 'stop' | 'iterationsToKnow' | 'secrets'
  >;
}

/** A load that waits for `go`. */
export interface HeldLoad {
  /** The pid of k6 on this machine, for the journal; null when it is elsewhere. */
  readonly pid: number | null;
  /** What runs it, for the journal; left out: the k6 of this machine. */
  readonly k6?: string;
  readonly undo: UndoRecord;
  readonly samples: SampleStream;
  go(): void;
  /** Asks the load to end, then makes it. Resolves when it has ended; idempotent. */
  stop(): Promise<void>;
  readonly ended: Promise<LoadExit>;
  /** Of a load of several k6: how they began, once all have; null when that never came. */
  readonly runners?: Promise<Omit<LoadRunners, 'type' | 'load'> | null>;
  /** The end of the load leaves something to undo. Left out: it is all gone then. */
  readonly undoAtEnd?: boolean;
  /** Removes the pipe or socket of its samples, once all are read. */
  close(): void;
}

export interface LoadExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Iterations (or setup, teardown) that threw. */
  readonly scriptErrors: number;
  /** The same by scenario and second (epoch), bounded. Left out: not known. */
  readonly thrown?: LoadEnded['thrown'] & {};
  /** What the first iteration threw that did, with its stack. Left out: none did, or it is not known. */
  readonly firstThrown?: string;
  /** Why the first request failed that k6 warned of; also of one that it could not even send. Left out: it warned of none. */
  readonly firstFailure?: string;
  /** The last error that k6 logged, for the report. */
  readonly lastError: string | null;
  /** Of a load of several k6: which one ended like this. */
  readonly which?: string;
}
