import type { RequestLog } from './event-log.ts';
import type { Hang } from './hangs.ts';

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
  /** While the target serves well, no more bad events than this on their own do not count as a relapse (they still add downtime) ... */
  blipEvents: 2,
  /** ... unless there is a silence of this length in it: a machine that draws breath is no relapse, one that is gone for longer is. */
  blipSilenceMs: 500,
} as const;

/** How requests of one name came in while nothing was broken. */
export interface Rhythm {
  readonly meanGapMs: number;
  readonly longestGapMs: number;
  readonly medianMs: number;
}

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
  readonly badEvents: number;
  /** Those of them that are failures, not silences. */
  readonly failures: number;
  /** The longest silence in it; 0 when there was always an answer that came as usual. */
  readonly silentMs: number;
  /** It lasted until k6 cut off who was waiting: nothing else tells of these requests. */
  readonly unanswered: boolean;
  /** Median time between its bad requests: what the ends cannot be known better than. */
  readonly spacingMs: number;
}

export interface Window {
  readonly from: number;
  readonly to: number;
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

/** Bad events with the same good requests around them, or a silence. */
interface Trouble {
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
}

interface Open extends Trouble {
  from: number;
  firstBadAt: number;
  flaps: number;
  badEvents: number;
  failures: number;
}

function* failures(log: RequestLog, window: Window): Generator<Trouble> {
  for (let i = lowerBound(log.bad, window.from); i < log.bad.length; i++) {
    const at = log.bad[i] as number;
    if (at >= window.to) return;
    const nextGood = upperBound(log.goodEnd, at);
    yield { at, lastGood: nextGood - 1, nextGood, events: 1, waited: false, silentMs: 0, unanswered: false };
  }
}

/** Gaps in which somebody waited: without a request that was due in it, a gap is only a pause of the load. */
function* silences(log: RequestLog, window: Window, rhythm: Rhythm): Generator<Trouble> {
  const limit = silenceLimit(rhythm);
  for (let i = Math.max(1, lowerBound(log.goodEnd, window.from)); i < log.goodEnd.length; i++) {
    const before = log.goodEnd[i - 1] as number;
    const after = log.goodEnd[i] as number;
    if (before >= window.to) return;
    if (after - before <= limit || after <= window.from) continue;
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
    };
  }
}

/** Who waited to the end of the load got no answer: an outage without end, from the last sign of life of the scenario on. */
function* unanswered(
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
    yield { at, lastGood: -1, nextGood, events: 1, waited: true, silentMs: to - from, unanswered: true };
  }
}

function silenceLimit(rhythm: Rhythm): number {
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
  };
  if (!isSustained(log, open.nextGood, window.to)) return { ...base, to: null, recoveredAt: null };
  const start = log.goodStart[open.nextGood] as number;
  const end = log.goodEnd[open.nextGood] as number;
  const answered = Math.max(start, end - rhythm.medianMs);
  const between = Math.max((open.at + answered) / 2, open.at + spacingMs / 2);
  const to = open.waited || open.at >= answered ? answered : between;
  return { ...base, to: Math.max(from, to), recoveredAt: Math.max(from, answered) };
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

/** Enough for all that can wait at once, and a bound for a log of any length. */
const LOOK_AHEAD = 10_000;

/** Index of the first value >= `value`. */
export function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first value > `value`. */
function upperBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
