/** How regularly the samples of a load come, and so from when on their absence says something. */
export interface Rhythm {
  /** A sample of work that was done. `time`: when it ended (epoch ms). */
  heard(time: number): void;
  /** An iteration of this length has ended. */
  iteration(end: number, durationMs: number): void;
  /** k6 says once a second how many VUs are at work. It goes the way of the samples: what ended before it has been read. */
  vus(time: number, count: number): void;
  /** Up to here (epoch ms) everything that ended has been read: by the samples, or by what k6 says while none come. */
  readonly readTo: number;
  /** VUs are at work, and nothing has come for longer than the rhythm so far explains. */
  readonly isSilent: boolean;
  /** How old the newest sample may be; without bound while no VU is at work. */
  readonly pauseLimitMs: number;
}

/** Below this nothing is a silence: what steers the run may be so old. k6 writes every 250 ms, and says once a second who works. */
const FRESH_MS = 2_000;
/** A pause so many times the longest so far is none; and so many of them must have had the time to be seen. */
const REGULAR = 3;
/** Lines are written in their order, but two goroutines may be this far apart in giving them in; ample. */
const ORDER_MS = 1_000;

/** The clock is k6's own line of VUs and not that of this process: when k6 has ended, or the machine slept, nobody is silent. */
export function createRhythm(): Rhythm {
  let first = Number.NaN;
  let newest = Number.NaN;
  let spoken = Number.NaN;
  let atWork = Number.NaN;
  let atWorkThen = Number.NaN;
  let wasIdle = false;
  let longestPauseMs = 0;
  let longestIterationMs = Number.NaN;
  let silenceEnded = Number.NEGATIVE_INFINITY;

  const limitMs = () => Math.max(FRESH_MS, REGULAR * longestPauseMs);

  /** A journey that thinks for a minute is silent for a minute: before several iterations were seen, one of them is the least. */
  function patienceMs(): number {
    const seenMs = newest - first;
    if (Number.isNaN(longestIterationMs) || seenMs < REGULAR * limitMs()) return Number.POSITIVE_INFINITY;
    return seenMs >= REGULAR * longestIterationMs ? limitMs() : Math.max(limitMs(), longestIterationMs);
  }

  // Fewer VUs at work than at the newest sample: they go home (ramp-down, the end), and do so only when they are not held up.
  const isSilent = () => atWork > 0 && !(atWork < atWorkThen) && spoken - newest > patienceMs();

  return {
    heard(time) {
      if (Number.isNaN(first)) first = newest = time;
      if (time < newest) return;
      // What was a silence is no part of the rhythm: the next one would be taken for a pause.
      if (isSilent()) silenceEnded = time;
      else if (!wasIdle) longestPauseMs = Math.max(longestPauseMs, time - newest);
      wasIdle = false;
      newest = time;
      atWorkThen = atWork;
    },
    iteration(end, durationMs) {
      if (end - durationMs < silenceEnded) return;
      longestIterationMs = Number.isNaN(longestIterationMs)
        ? durationMs
        : Math.max(longestIterationMs, durationMs);
    },
    vus(time, count) {
      spoken = time;
      atWork = count;
      if (count === 0) wasIdle = true;
    },
    get readTo() {
      return spoken - ORDER_MS > newest ? spoken - ORDER_MS : newest;
    },
    get isSilent() {
      return isSilent();
    },
    get pauseLimitMs() {
      return atWork === 0 ? Number.POSITIVE_INFINITY : limitMs();
    },
  };
}
