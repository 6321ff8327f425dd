import { type Evidence, NoEvidenceError } from './provider.ts';

/** One look: it is so, with what was seen; or not yet, with what is missing. `never`: waiting longer will not help. */
export type Look<T> = { readonly seen: T } | Missing;
export interface Missing {
  readonly missing: string;
  readonly never?: boolean;
}

const POLL_MS = 400;

/**
 * Looks until it is so, and tells each look since when it may be so: when the one before, which saw nothing, began. A watch only wakes the next look: watches die without a word, so what counts is what polling reads.
 * A failed look (an API server that restarts, say) is a look that saw nothing.
 * @throws NoEvidenceError when the signal ends first, with what was missing last
 */
export async function until<T>(
  what: string,
  look: (since: number) => Promise<Look<T>>,
  options: {
    readonly signal: AbortSignal;
    readonly wake?: Wake;
    /** When it was not so for certain; left out: when the wait begins. */
    readonly notBefore?: number | undefined;
  },
): Promise<T> {
  let missing = 'nothing was seen yet';
  let since = options.notBefore ?? Date.now();
  while (!options.signal.aborted) {
    const began = Date.now();
    try {
      const result = await look(since);
      if ('seen' in result) return result.seen;
      missing = result.missing;
      since = began;
      if (result.never === true) break;
    } catch (error) {
      if (options.signal.aborted) break;
      missing = (error as Error).message;
    }
    await pause(POLL_MS, options.signal, options.wake);
  }
  throw new NoEvidenceError(`${what}: ${missing}`);
}

/** Evidence of a look that is over now: it may have been so since the look before. */
export function seenBy(since: number, seen: readonly string[]): Evidence {
  const at = Date.now();
  return { at, withinMs: at - since, seen };
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
