import { setMaxListeners } from 'node:events';

/**
 * Aborts with the first of `signals`, or after `ms`.
 *
 * Instead of AbortSignal.any: there a time-out that nobody else holds is garbage-collected before it fires (Node 20; nodejs/node
 * #57736), and a source that is collected takes its abort with it (24 and 26; #65995). A deadline that never comes is a fault that
 * is never given up. Here the timer and the sources hold the signal, and when it aborts they let go of it.
 */
export function deadline(ms: number, ...signals: readonly AbortSignal[]): AbortSignal {
  const timeout = () => new DOMException(`not done within ${ms} ms`, 'TimeoutError');
  return hold(signals, (abort) => {
    // Like AbortSignal.timeout: what has long been done must not keep the process.
    const timer = setTimeout(() => abort(timeout()), Math.max(0, ms)).unref();
    return () => clearTimeout(timer);
  });
}

/** Aborts with the first of `signals`. They hold it as long as they live: not for what is made again and again. */
export function firstOf(...signals: readonly AbortSignal[]): AbortSignal {
  return hold(signals, () => () => {});
}

function hold(
  signals: readonly AbortSignal[],
  arm: (abort: (reason: unknown) => void) => () => void,
): AbortSignal {
  const controller = new AbortController();
  const already = signals.find(({ aborted }) => aborted);
  if (already) {
    controller.abort(already.reason);
    return controller.signal;
  }
  const listeners = signals.map((signal) => ({ signal, listener: () => abort(signal.reason) }));
  for (const { signal, listener } of listeners) {
    // A drill of many faults hangs more than ten deadlines on one stop signal; they let go of it when they come.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', listener, { once: true });
  }
  const disarm = arm(abort);
  return controller.signal;

  function abort(reason: unknown): void {
    for (const { signal, listener } of listeners) signal.removeEventListener('abort', listener);
    disarm();
    controller.abort(reason);
  }
}
