/**
 * Epoch milliseconds on the wall clock, which k6 stamps its samples with. Not performance.now(), which does not follow adjustments of
 * the wall clock: the two would drift apart during a long run.
 */
export function now(): number {
  return Date.now();
}

/**
 * Notices when the wall clock is set, or stops while the machine sleeps. Adjustments that only slow it down or speed it up affect both
 * clocks alike. `stop` returns the largest step in milliseconds.
 */
export function watchClock(offset: () => number = wallMinusMonotonic): { stop(): number } {
  const began = offset();
  let largest = 0;
  const look = () => {
    const step = offset() - began;
    if (Math.abs(step) > Math.abs(largest)) largest = step;
  };
  const timer = setInterval(look, 1_000).unref();
  return {
    stop() {
      clearInterval(timer);
      look();
      return largest;
    },
  };
}

/** The median of several readings: this process may lose the CPU between reading the two clocks. */
function wallMinusMonotonic(): number {
  const readings = Array.from({ length: 5 }, () => Date.now() - performance.now());
  return readings.sort((a, b) => a - b)[2] as number;
}

/** Resolves after `ms`, or at once when the signal aborts; never rejects. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, Math.max(0, ms));
    signal?.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}

/** Waits for `done`, but no longer than `ms`. Leaves no timer that would keep the process alive. */
export async function waitAtMost(ms: number, done: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([done, sleep(ms, over.signal)]);
  over.abort();
}
