import { NoEvidenceError } from '../../provider.ts';

/** One look: it is so, with what was seen; or not yet, with what is missing. `never`: waiting longer will not help. */
export type Look<T> = { readonly seen: T } | { readonly missing: string; readonly never?: boolean };

const POLL_MS = 400;

/**
 * Looks until it is so. A watch only wakes the next look: watches die without a word, so what counts is what polling reads.
 * A failed look (an API server that restarts, say) is a look that saw nothing.
 * @throws NoEvidenceError when the signal ends first, with what was missing last
 */
export async function until<T>(
  what: string,
  look: () => Promise<Look<T>>,
  options: { readonly signal: AbortSignal; readonly wake?: Wake },
): Promise<T> {
  let missing = 'nothing was seen yet';
  while (!options.signal.aborted) {
    try {
      const result = await look();
      if ('seen' in result) return result.seen;
      missing = result.missing;
      if (result.never === true) break;
    } catch (error) {
      if (options.signal.aborted) break;
      missing = (error as Error).message;
    }
    await pause(POLL_MS, options.signal, options.wake);
  }
  throw new NoEvidenceError(`${what}: ${missing}`);
}

/** Ends pauses early. `call` from a watch, `next` from who waits. */
export interface Wake {
  call(): void;
  next(): Promise<void>;
}

export function makeWake(): Wake {
  let resolve: () => void = () => {};
  let pending = new Promise<void>((done) => {
    resolve = done;
  });
  return {
    call() {
      resolve();
      pending = new Promise<void>((done) => {
        resolve = done;
      });
    },
    next: () => pending,
  };
}

/** Resolves after the time, at the signal's end, or when woken, whichever is first. */
export async function pause(ms: number, signal: AbortSignal, wake?: Wake): Promise<void> {
  if (signal.aborted) return;
  let timer: NodeJS.Timeout | undefined;
  let abort: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
    abort = resolve;
    signal.addEventListener('abort', abort, { once: true });
  });
  await Promise.race(wake === undefined ? [over] : [over, wake.next()]);
  clearTimeout(timer);
  signal.removeEventListener('abort', abort);
}
