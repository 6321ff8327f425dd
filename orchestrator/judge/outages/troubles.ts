import type { RequestLog } from './event-log.ts';
import type { Hang } from './hangs.ts';
import { lowerBound, upperBound } from './sorted.ts';

/** What makes an outage and what ends it. In the report, too. */
export const OUTAGE_RULES = {
  /** A run of good requests is sustained when nothing bad happened for this long after its first one ... */
  sustainedMs: 1000,
  /** ... and it has at least this many. Shorter runs are flaps inside the same outage. */
  sustainedGood: 3,
  /** No good answer for longer than this many times the longest gap of the steady phase is an outage, failures or not ... */
  silenceFactor: 2,
  /** ... if it is also longer than this many mean gaps. */
  silenceMeanGaps: 5,
  /** ... and than this: at 1000 requests a second five gaps are 5 ms, which any garbage collection takes. */
  silenceMinMs: 40,
  /** While the target serves well, no more bad events than this on their own are no outage: they are neither downtime nor a relapse ... */
  blipEvents: 2,
  /** ... unless there is a silence of this length in it: a short pause of a machine is no relapse, a longer one is. */
  blipSilenceMs: 500,
} as const;

/** How requests of one name came in while nothing was broken. */
export interface Rhythm {
  readonly meanGapMs: number;
  readonly longestGapMs: number;
  readonly medianMs: number;
}

export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Bad events with the same good requests around them, or a silence. */
export interface Trouble {
  /** When it counts: the (last) bad start, or the first request that was kept waiting. */
  at: number;
  /** Index of the last good request before it; -1 without one. */
  lastGood: number;
  /** Index of the first good request after it. */
  nextGood: number;
  events: number;
  /** Somebody waited all through it: it ended when the answer came, and not between two requests. */
  waited: boolean;
  silentMs: number;
  unanswered: boolean;
  /** Until when it was seen to last: the last bad start, or the answer that was waited for. */
  until: number;
}

export function* failures(log: RequestLog, window: Window): Generator<Trouble> {
  for (let i = lowerBound(log.bad, window.from); i < log.bad.length; i++) {
    const at = log.bad[i] as number;
    if (at >= window.to) return;
    const nextGood = upperBound(log.goodEnd, at);
    yield {
      at,
      lastGood: nextGood - 1,
      nextGood,
      events: 1,
      waited: false,
      silentMs: 0,
      unanswered: false,
      until: at,
    };
  }
}

/** Gaps in which somebody waited: without a request that was due in it, a gap is only a pause of the load. */
export function* silences(log: RequestLog, window: Window, rhythm: Rhythm): Generator<Trouble> {
  const limit = silenceLimit(rhythm);
  for (let i = Math.max(1, lowerBound(log.goodEnd, window.from)); i < log.goodEnd.length; i++) {
    const before = log.goodEnd[i - 1] as number;
    const after = log.goodEnd[i] as number;
    if (before >= window.to) return;
    if (after - before <= limit || after <= window.from) continue;
    // Not too long yet when the next fault goes in: what keeps those waiting that are under way then is that fault.
    if (window.to - before <= limit) continue;
    const waiting = firstWaiting(log, i, before, after - limit);
    if (waiting === null || waiting >= window.to) continue;
    yield {
      at: Math.max(waiting, Math.min(window.from, after)),
      lastGood: i - 1,
      nextGood: i,
      events: 1,
      waited: true,
      silentMs: after - before,
      unanswered: false,
      until: after,
    };
  }
}

/** Who waited to the end of the load got no answer: an outage without end, from the last sign of life of the scenario on. */
export function* unanswered(
  log: RequestLog,
  window: Window,
  rhythm: Rhythm,
  hangs: readonly Hang[],
): Generator<Trouble> {
  for (const { from, to } of hangs) {
    if (from >= window.to || to <= window.from) continue;
    // Single requests are kept a little less sharply than the sign of life, which may be the last of them.
    const nextGood = upperBound(log.goodEnd, from + 1);
    const lastEnd = log.goodEnd.at(-1) ?? from;
    // Of another scenario, say: this name was answered on.
    if (nextGood < log.goodEnd.length || to - lastEnd <= silenceLimit(rhythm)) continue;
    const at = Math.max(from, window.from);
    yield {
      at,
      lastGood: -1,
      nextGood,
      events: 1,
      waited: true,
      silentMs: to - from,
      unanswered: true,
      until: to,
    };
  }
}

export function silenceLimit(rhythm: Rhythm): number {
  return Math.max(
    OUTAGE_RULES.silenceMinMs,
    OUTAGE_RULES.silenceFactor * rhythm.longestGapMs,
    OUTAGE_RULES.silenceMeanGaps * rhythm.meanGapMs,
  );
}

/** Start of the first request that began after `from`, before `to`, and was answered only at the end of the silence or later. */
function firstWaiting(log: RequestLog, nextGood: number, from: number, to: number): number | null {
  let first: number | null = null;
  const end = Math.min(log.goodEnd.length, nextGood + LOOK_AHEAD);
  for (let i = nextGood; i < end; i++) {
    const start = log.goodStart[i] as number;
    if (start >= from && start < to && (first === null || start < first)) first = start;
  }
  return first;
}

/** Enough for all that can wait at once, and a bound for a log of any length. */
export const LOOK_AHEAD = 10_000;
