/**
 * Finds what k6 says nothing of while it lasts: requests that nobody answers. k6 writes a request when it has ended, and waits a minute
 * before it gives one up. A healthy load that is taken for a silent one costs a drill; silence that is seen late costs some seconds.
 * So in doubt there is none.
 */
export interface SilenceWatch {
  /** A request came back, or an iteration did something else that k6 writes down. */
  sign(time: number): void;
  iteration(scenario: string, durationMs: number): void;
  /** k6's own line, once a second: how many VUs are at work, for arrival rates how many iterations run at that instant. */
  vus(time: number, count: number): void;
  /** For so long k6 has had work open of which nothing was heard; null as long as the load may do so by itself. */
  readonly silentMs: number | null;
  /** How many VUs are at work: of each of them, while nobody is answered, one request may be open. */
  readonly atWork: number;
  /** The time of k6's last line. */
  readonly heardTo: number;
}

/** So many whole iterations, at the least, have to be known of a scenario before their lengths say anything. */
export const ENOUGH_ITERATIONS = 10;
/** Shorter than this nothing is a silence. */
const LEAST_MS = 2_000;
const PAUSE_FACTOR = 3;
/** Think time is part of an iteration. */
const ITERATION_FACTOR = 2;
/** A line covers the second before it: if k6 or the machine stood still for longer, it heard nothing because of that. */
const LINE_MS = 1_000;

/**
 * @param needed how many iterations of each scenario have to be known. One that has not begun may begin with a pause: nobody can know
 * whose silence it is then. Without any scenario nothing is ever a silence.
 */
export function watchSilence(needed: Readonly<Record<string, number>>): SilenceWatch {
  const missing = new Map(Object.entries(needed));
  const isEmpty = missing.size === 0;
  /** From here on something was open all the time. */
  let since = Number.NaN;
  let heardTo = Number.NaN;
  let silentMs = 0;
  let atWork = 0;
  let longestPauseMs = 0;
  let longestIterationMs = 0;

  function patienceMs(): number {
    if (isEmpty || missing.size > 0) return Number.POSITIVE_INFINITY;
    return Math.max(LEAST_MS, PAUSE_FACTOR * longestPauseMs, ITERATION_FACTOR * longestIterationMs);
  }

  return {
    sign(time) {
      if (time <= since) return;
      if (!Number.isNaN(since)) longestPauseMs = Math.max(longestPauseMs, time - since);
      since = time;
      silentMs = 0;
    },
    iteration(scenario, durationMs) {
      longestIterationMs = Math.max(longestIterationMs, durationMs);
      const left = missing.get(scenario);
      if (left === undefined) return;
      if (left > 1) missing.set(scenario, left - 1);
      else missing.delete(scenario);
    },
    vus(time, count) {
      const from = Math.max(since, Number.isNaN(heardTo) ? since : heardTo);
      // Without any at work nothing is open. Fewer than before: some went home (a ramp-down, the end), which who waits does not.
      if (count === 0 || count < atWork) {
        since = Math.max(since, time);
        silentMs = 0;
      } else if (time > from) silentMs += Math.min(time - from, LINE_MS);
      atWork = count;
      heardTo = time;
    },
    get silentMs() {
      return silentMs > patienceMs() ? silentMs : null;
    },
    get atWork() {
      return atWork;
    },
    get heardTo() {
      return heardTo;
    },
  };
}
