import type { RequestLog } from './event-log.ts';
import type { Hang } from './hangs.ts';
import { lowerBound, upperBound } from './sorted.ts';
import {
  failures,
  LOOK_AHEAD,
  OUTAGE_RULES,
  type Rhythm,
  silenceLimit,
  silences,
  type Trouble,
  unanswered,
  type Window,
} from './troubles.ts';

export interface OutageSpan {
  readonly request: string;
  readonly from: number;
  /** Null: no sustained run of good requests before the end of the window. */
  readonly to: number | null;
  /** The first request that failed or was kept waiting, by its start. */
  readonly firstBadAt: number;
  /** The first good answer of the sustained run that ended it. */
  readonly recoveredAt: number | null;
  readonly flaps: number;
  /** Until when it was seen to last. What is between this and `to` is known to one gap between two requests. */
  readonly lastBadAt: number;
  /** Good answers after that, in the window. */
  readonly goodSince: number;
  readonly badEvents: number;
  /** Those of them that are failures, not silences. */
  readonly failures: number;
  /** The longest silence in it; 0 when there was always an answer that came as usual. */
  readonly silentMs: number;
  /** It lasted until k6 cut off the waiting requests; nothing else shows them. */
  readonly unanswered: boolean;
  /** Median time between its bad requests: what the ends cannot be known better than. */
  readonly spacingMs: number;
}

/**
 * The outages of one request name between `window.from` (a fault goes in) and `window.to`, from single requests.
 *
 * An outage lies between two good requests: it began after the last good answer and before the first bad request, and it ended
 * after the last bad request and before the first good one of a sustained run. Each end is known to one gap between two requests;
 * taking the middle of it halves the error, so that a downtime is off by at most one gap, and not biased. (From last good to first
 * good would always be too long, by one gap on average and two at worst.) An answer that was kept waiting says more: the outage
 * ended when it came.
 */
export function findOutages(
  log: RequestLog,
  window: Window,
  rhythm: Rhythm,
  hangs: readonly Hang[] = [],
): OutageSpan[] {
  const troubles = [
    ...failures(log, window),
    ...silences(log, window, rhythm),
    ...unanswered(log, window, rhythm, hangs),
  ].sort((a, b) => a.at - b.at);
  const spans: OutageSpan[] = [];
  let current: Open | null = null;
  for (const trouble of troubles) {
    if (current !== null && isSustained(log, current.nextGood, trouble.at)) {
      spans.push(close(log, current, window, rhythm));
      current = null;
    }
    if (current === null) {
      current = {
        from: onset(log, trouble, window),
        firstBadAt: trouble.at,
        flaps: 0,
        badEvents: 0,
        failures: 0,
        ...trouble,
      };
    } else {
      if (answeredBetween(log, current, trouble)) current.flaps += 1;
      current.from = Math.min(current.from, onset(log, trouble, window));
      if (trouble.nextGood > current.nextGood) current.waited = false;
      current.waited ||= trouble.waited && trouble.nextGood >= current.nextGood;
      current.nextGood = Math.max(current.nextGood, trouble.nextGood);
      current.at = trouble.at;
      current.until = Math.max(current.until, trouble.until);
      current.silentMs = Math.max(current.silentMs, trouble.silentMs);
      current.unanswered ||= trouble.unanswered;
    }
    current.badEvents += trouble.events;
    if (!trouble.waited) current.failures += trouble.events;
  }
  if (current !== null) spans.push(close(log, current, window, rhythm));
  return spans;
}

/** The rhythm of the good answers between two moments; null when fewer than two came. */
export function measureRhythm(log: RequestLog, from: number, to: number): Rhythm | null {
  const first = lowerBound(log.goodEnd, from);
  const last = lowerBound(log.goodEnd, to) - 1;
  if (last - first < 1) return null;
  let longest = 0;
  const durations = new Float64Array(last - first + 1);
  for (let i = first; i <= last; i++) {
    if (i > first) longest = Math.max(longest, (log.goodEnd[i] as number) - (log.goodEnd[i - 1] as number));
    durations[i - first] = (log.goodEnd[i] as number) - (log.goodStart[i] as number);
  }
  durations.sort();
  return {
    meanGapMs: ((log.goodEnd[last] as number) - (log.goodEnd[first] as number)) / (last - first),
    longestGapMs: longest,
    medianMs: durations[durations.length >> 1] as number,
  };
}

/** Length of the union of the spans; open ones reach to `end`. */
export function unitedMs(spans: readonly { from: number; to: number | null }[], end: number): number {
  const sorted = spans
    .map(({ from, to }) => ({ from, to: to ?? Math.max(from, end) }))
    .sort((a, b) => a.from - b.from);
  let total = 0;
  let covered = Number.NEGATIVE_INFINITY;
  for (const { from, to } of sorted) {
    total += Math.max(0, to - Math.max(from, covered));
    covered = Math.max(covered, to);
  }
  return total;
}

interface Open extends Trouble {
  from: number;
  firstBadAt: number;
  flaps: number;
  badEvents: number;
  failures: number;
}

function onset(log: RequestLog, trouble: Trouble, window: Window): number {
  if (trouble.lastGood < 0) return trouble.at;
  const lastGood = log.goodEnd[trouble.lastGood] as number;
  const middle = (Math.min(lastGood, trouble.at) + trouble.at) / 2;
  // What began before the fault went in is not its doing.
  return Math.max(middle, Math.min(window.from, trouble.at));
}

function isSustained(log: RequestLog, nextGood: number, until: number): boolean {
  if (nextGood >= log.goodEnd.length) return false;
  if (until - (log.goodEnd[nextGood] as number) <= OUTAGE_RULES.sustainedMs) return false;
  const third = log.goodEnd[nextGood + OUTAGE_RULES.sustainedGood - 1];
  return third !== undefined && third < until;
}

/** Did a request that began after the trouble so far come back well before the next trouble? */
function answeredBetween(log: RequestLog, before: Trouble, next: Trouble): boolean {
  for (let i = before.nextGood; i <= next.lastGood && i < before.nextGood + LOOK_AHEAD; i++) {
    if ((log.goodStart[i] as number) >= before.at) return true;
  }
  return false;
}

function close(log: RequestLog, open: Open, window: Window, rhythm: Rhythm): OutageSpan {
  const { firstBadAt, flaps, badEvents, failures, silentMs, unanswered } = open;
  const spacingMs = Math.min(badSpacing(log, firstBadAt, open.at), MAX_SPACING_GAPS * rhythm.meanGapMs);
  const from = Math.min(open.from, Math.max(firstBadAt - spacingMs / 2, Math.min(window.from, firstBadAt)));
  const base = {
    request: log.name,
    from,
    firstBadAt,
    flaps,
    badEvents,
    failures,
    silentMs,
    unanswered,
    spacingMs,
    ...lastSeen(log, open, window, rhythm),
  };
  if (!isSustained(log, open.nextGood, window.to)) return { ...base, to: null, recoveredAt: null };
  const start = log.goodStart[open.nextGood] as number;
  const end = log.goodEnd[open.nextGood] as number;
  const answered = Math.max(start, end - rhythm.medianMs);
  const between = Math.max((open.at + answered) / 2, open.at + spacingMs / 2);
  const to = open.waited || open.at >= answered ? answered : between;
  return { ...base, to: Math.max(from, to), recoveredAt: Math.max(from, answered) };
}

/** After the last trouble there was no answer for longer than the load would explain: it lasted until the end of the window. */
function lastSeen(
  log: RequestLog,
  { at, until, nextGood }: Open,
  window: Window,
  rhythm: Rhythm,
): Pick<OutageSpan, 'lastBadAt' | 'goodSince'> {
  const goodSince = Math.max(0, lowerBound(log.goodEnd, window.to) - nextGood);
  const isSilent = goodSince === 0 && Number.isFinite(window.to) && window.to - at > silenceLimit(rhythm);
  return { lastBadAt: isSilent ? Math.max(until, window.to) : until, goodSince };
}

/**
 * How far apart the bad requests of an outage are, by the median. When one replica of three is down, only every third request can
 * tell: the outage may have begun up to three gaps before the first bad one.
 */
function badSpacing(log: RequestLog, from: number, to: number): number {
  const first = lowerBound(log.bad, from);
  const last = Math.min(upperBound(log.bad, to), first + LOOK_AHEAD);
  if (last - first < 3) return 0;
  const gaps = new Float64Array(last - first - 1);
  for (let i = 0; i < gaps.length; i++)
    gaps[i] = (log.bad[first + i + 1] as number) - (log.bad[first + i] as number);
  return gaps.sort()[gaps.length >> 1] as number;
}

/** Failures that are rarer than this are not a steady share of the requests: no spacing can be told from them. */
const MAX_SPACING_GAPS = 5;
