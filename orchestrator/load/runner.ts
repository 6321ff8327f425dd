/**
 * The interface between a run and whatever runs its k6 scripts: today, a k6 on this machine. `runners.ts` lists all runners. Nothing
 * outside a runner's folder knows more about it than this.
 */
import type { UndoRecord } from '../../chaos/provider.ts';
import type { LoadEnded } from '../journal/events.ts';
import type { PlannedLoad } from '../plan.types.ts';
import type { SampleStream, SampleStreamOptions } from '../samples/types.ts';
import type { Undoing } from '../undo.ts';

/** It also undoes its own loads, in any process; `name` is the provider in their undo records. */
export interface LoadRunner extends Undoing {
  /** Finds out what a script is going to do, without running an iteration. @throws Error with k6's own message if it does not load */
  inspect(load: ScriptToInspect): Promise<LoadShape>;
  /** Names of the variables in this environment that k6 would obey and does not get. */
  notPassedOn(env: NodeJS.ProcessEnv): readonly string[];
  /** Resolves when the load is ready and waits for `go`: its undo can be armed first. @throws when it cannot start */
  start(start: LoadStart): Promise<HeldLoad>;
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
}

export interface LoadShape extends Pick<PlannedLoad, 'durationMs' | 'iterationsToKnow' | 'systemTags'> {
  /** The least number that the script's own thresholds ask of a counter, by its name with selector: `vocal_dropped_samples` of 50. */
  readonly least: ReadonlyMap<string, number>;
}

export interface LoadStart {
  readonly k6: K6Binary;
  readonly load: PlannedLoad;
  readonly index: number;
  /** `k6/` of the run's directory: logs go there. */
  readonly directory: string;
  /** Takes secrets out of what k6 says. */
  readonly redact: (line: string) => string;
  readonly samples: Pick<
    SampleStreamOptions,
    'recording' | 'steadyWindowMs' | 'objectives' | 'stop' | 'iterationsToKnow' | 'secrets'
  >;
}

/** A load that waits for `go`. */
export interface HeldLoad {
  /** The pid of k6 on this machine, for the journal. */
  readonly pid: number;
  readonly undo: UndoRecord;
  readonly samples: SampleStream;
  go(): void;
  /** Asks the load to end, then makes it. Resolves when it has ended; idempotent. */
  stop(): Promise<void>;
  readonly ended: Promise<LoadExit>;
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
  /** Why the first request failed that k6 warned of; also of one that it could not even send. Left out: it warned of none. */
  readonly firstFailure?: string;
  /** The last error that k6 logged, for the report. */
  readonly lastError: string | null;
}
