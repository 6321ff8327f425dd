import type { JournalLine } from '../journal/events.ts';
import type { Verdict } from '../verdict.types.ts';

/** A recorded run: everything that judging needs. `directory` holds k6/samples-<load>.squall.gz. */
export interface RecordedRun {
  readonly directory: string;
  readonly lines: readonly JournalLine[];
  /** Set when the journal was torn or changed: names the line. A changed journal is INVALID. */
  readonly damage: string | null;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly series: Series;
}

/** What the timeline chart shows; one entry per whole second from `startAt`. */
export interface Series {
  /** Epoch milliseconds of the first second. */
  readonly startAt: number;
  readonly seconds: readonly SecondOfSamples[];
  /** The same split by request name, for at most the 8 busiest. */
  readonly byName: Readonly<Record<string, readonly SecondOfSamples[]>>;
}

export interface SecondOfSamples {
  readonly requests: number;
  readonly errors: number;
  readonly dropped: number;
  /** Milliseconds of successful requests; null without any. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}
