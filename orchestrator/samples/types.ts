/**
 * The way of the samples. k6 writes CSV (`--out=csv`, K6_CSV_FILENAME, K6_CSV_TIME_FORMAT=unix_nano) into a named pipe; a worker
 * thread reads it, records every line in a form that is small and quick to read (`k6/samples-<load>.squall.gz`, decisions/0009), and
 * keeps what steers the run. The verdict reads the recording, when the phases are known. Times are epoch milliseconds with fractions.
 */

import type { StopCondition } from '../../chaos/schema/drill.ts';
import type { Objective } from '../../thresholds/objective.ts';

export type SampleStreamOptions = SampleStreamSettings & (OneSource | ManySources);

interface OneSource {
  /** The named pipe that k6 will open; made by the stream. */
  readonly fifo: string;
}

/** Several k6 that share one load. They make one recording. */
interface ManySources {
  readonly parts: readonly SamplePart[];
}

export interface SamplePart {
  /** For people: `runner 2`. */
  readonly name: string;
  readonly fifo: string;
}

export interface SampleStreamSettings {
  /** Where the recording goes; see `recordingOf`. */
  readonly recording: string;
  /** Judged live over a trailing window of this length. */
  readonly steadyWindowMs: number;
  readonly objectives: readonly Objective[];
  readonly stop: readonly StopCondition[];
  /** By scenario: so many iterations have to have come to an end before silence says anything. Left out, nothing is a silence. */
  readonly iterationsToKnow?: Readonly<Record<string, number>>;
  /** Texts that must not be in the recording: a script may have put a token into a URL. */
  readonly secrets?: readonly string[];
}

/** One per load. All promises and callbacks come on the main thread. */
export interface SampleStream {
  /** Start of the first request (HTTP samples carry their end: the duration is subtracted). Null when the stream ends without one. */
  readonly firstSampleAt: Promise<number | null>;
  onTick(listener: (tick: LiveTick) => void): void;
  /** Resolves after end-of-file, with the recording closed and on disk. Never rejects. */
  readonly end: Promise<StreamEnd>;
  /** Stops reading after what is in the pipe now (k6 is gone); bounded in time. */
  finish(): Promise<StreamEnd>;
  /** Of a load of several k6: corrects the times of one from now on. @param nanos what is added to them */
  setOffset(part: number, nanos: number): void;
  /** Of a load of several k6: when each of them began, once all have; null when the stream ends before that, or with one k6. */
  readonly begun: Promise<readonly PartBegun[] | null>;
}

/** How one of several k6 began. */
export interface PartBegun {
  /** Start of its first request that is load, epoch ms; null: it ended without one. */
  readonly at: number | null;
  /** Requests that its setup() sent before that. */
  readonly setupRequests: number;
}

export interface StreamEnd {
  readonly complete: boolean;
  /** Why it is not complete: no header, a cut line, no end-of-file, an I/O error. */
  readonly detail: string;
  readonly samples: number;
}

/** Every 500 ms while samples come: what steers the run and what a person watches. At most 2 s old. */
export interface LiveTick {
  readonly at: number;
  readonly newestSampleAt: number;
  /** Over the last second. */
  readonly requestsPerSecond: number;
  readonly errorShare: number;
  readonly p95Ms: number | null;
  readonly dropped: number;
  /** VUs in use, by k6's newest line about them; null before the first. Left out: not known. */
  readonly vus?: number | null;
  /** The newest whole seconds, oldest first; a later tick may correct them. Left out: not known. */
  readonly seconds?: readonly LiveSecond[];
  /** One per objective of the steady phase, over the trailing window. */
  readonly objectives: readonly LiveObjective[];
  /** Indices into `stop` whose breach has lasted its `for`. */
  readonly breached: readonly number[];
  /** For so long no request has been answered while k6 has some open; null as long as the load may be so by itself. */
  readonly silentMs: number | null;
  /** As `breached`, because of the silence. */
  readonly breachedBySilence: readonly number[];
  /** Not one request of the load has been answered yet. Null: one was, or too few were sent to say. Left out: not known. */
  readonly unreached?: Unreached | null;
  /** What the requests up to now are called. Null: too many to tell. Left out: not known. */
  readonly requestNames?: readonly string[] | null;
}

/** A load that nobody answers. */
export interface Unreached {
  readonly requests: number;
  readonly forMs: number;
  /** The most frequent failure, in k6's words. */
  readonly why: string;
}

/** What ended in one second. Percentiles are milliseconds, of successful requests; null when there was none. */
export interface LiveSecond {
  /** Since the epoch. */
  readonly second: number;
  readonly requests: number;
  readonly failed: number;
  readonly dropped: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface LiveObjective {
  readonly name: string;
  /** Null: not enough samples in the window to say. */
  readonly holds: boolean | null;
  readonly measured: number | null;
  readonly samples: number;
  /** The least number of samples that can tell, and the stretch of time that these are from. */
  readonly needs: number;
  readonly overMs: number;
  /** The measurement in words, with units: `p95 is 178 ms of 100 ms`. */
  readonly reason: string;
}
