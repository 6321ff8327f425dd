/**
 * Epoch milliseconds on the wall clock that k6 stamps its samples with. Not performance.now(): that one does not follow when
 * the wall clock is adjusted during a long run, and the two sides would drift apart.
 */
export function now(): number {
  return Date.now();
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
