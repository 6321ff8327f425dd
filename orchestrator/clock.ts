/**
 * Epoch milliseconds on the wall clock that k6 stamps its samples with. Not performance.now(): that one does not follow when
 * the wall clock is adjusted during a long run, and the two sides would drift apart.
 */
export function now(): number {
  return Date.now();
}

/**
 * Notices when the wall clock is set, or stands still while the machine sleeps: adjustments that only speed it up or slow it down are
 * in both clocks alike. `stop` gives the largest step in milliseconds.
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

/** The middle one of some readings: this process may have to wait for a CPU between the two clocks. */
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

/** Waits for `done`, but no longer than `ms`; leaves no timer that would keep the process. */
export async function waitAtMost(ms: number, done: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([done, sleep(ms, over.signal)]);
  over.abort();
}
