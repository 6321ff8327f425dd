import type { Evidence } from './prepared-fault.ts';
import { NoEvidenceError } from './provider-error.ts';

/** One look: it is so, with what was seen; or not yet, with what is missing. `never`: waiting longer will not help. */
export type Look<T> = { readonly seen: T } | Missing;
export interface Missing {
  readonly missing: string;
  readonly never?: boolean;
}

interface Wait {
  readonly signal: AbortSignal;
  /** When it was not so for certain; left out: when the wait begins. */
  readonly notBefore?: number | undefined;
}

const POLL_MS = 400;

/**
 * Looks until it is so, and tells each look since when it may be so: when the one before, which saw nothing, began. A watch only
 * wakes the next look: watches die without a word, so what counts is what polling reads. A failed look (an API server that restarts,
 * say) saw nothing.
 * @throws NoEvidenceError when the signal ends first, with what was missing last
 */
export async function until<T>(
  what: string,
  look: (since: number) => Promise<Look<T>>,
  { signal, notBefore, wake, everyMs = POLL_MS }: Wait & { readonly wake?: Wake; readonly everyMs?: number },
): Promise<T> {
  let missing = 'nothing was seen yet';
  const found = await poll<T>(
    async (since) => {
      try {
        const result = await look(since);
        if ('missing' in result) missing = result.missing;
        return result;
      } catch (error) {
        if (!signal.aborted) missing = (error as Error).message;
        return { failed: true };
      }
    },
    { signal, notBefore, wake, everyMs },
  );
  if (found === undefined) throw new NoEvidenceError(`${what}: ${missing}`);
  return found.seen;
}

/**
 * The same for looks that are quick, sure and often synchronous: undefined is "not yet", and an error ends the wait.
 * @throws NoEvidenceError when the signal ends first
 */
export async function waitUntil<Seen>(
  look: (since: number) => Seen | undefined | Promise<Seen | undefined>,
  options: Wait & {
    /** Between two looks. A process disappears within a millisecond: what needs a sharp time looks that often. */
    readonly everyMs: number;
    /** Ends the sentence "no evidence …"; asked when the wait is over, so it can say what was seen last. */
    readonly otherwise: () => string;
  },
): Promise<Seen> {
  const asLook = (seen: Seen | undefined): Look<Seen> => (seen === undefined ? { missing: '' } : { seen });
  const found = await poll((since) => {
    const looking = look(since);
    return looking instanceof Promise ? looking.then(asLook) : asLook(looking);
  }, options);
  if (found === undefined) throw new NoEvidenceError(`no evidence ${options.otherwise()}`);
  return found.seen;
}

/** Undefined when the signal ends first, which no look is waited for any more, or when a look says never. */
async function poll<T>(
  look: (since: number) => OneLook<T> | Promise<OneLook<T>>,
  options: Wait & { readonly everyMs: number; readonly wake?: Wake | undefined },
): Promise<{ readonly seen: T } | undefined> {
  const { signal, everyMs, wake, notBefore = Date.now() } = options;
  const end = whenAborted(signal);
  let since = notBefore;
  try {
    while (!signal.aborted) {
      const began = Date.now();
      const looking = look(since);
      const result = looking instanceof Promise ? await Promise.race([looking, end.reached]) : looking;
      if (result === undefined) return undefined;
      if ('seen' in result) return result;
      if ('missing' in result) {
        since = began;
        if (result.never === true) return undefined;
      }
      await pause(everyMs, signal, wake);
    }
    return undefined;
  } finally {
    end.forget();
  }
}

type OneLook<T> = Look<T> | { readonly failed: true };

function whenAborted(signal: AbortSignal): { readonly reached: Promise<undefined>; forget(): void } {
  let forget = () => {};
  const reached = new Promise<undefined>((resolve) => {
    const end = () => resolve(undefined);
    signal.addEventListener('abort', end, { once: true });
    forget = () => signal.removeEventListener('abort', end);
  });
  return { reached, forget };
}

/** Evidence of a look that is over now: it may have been so since the look before. */
export function seenBy(since: number, seen: readonly string[]): Evidence {
  const at = Date.now();
  return { at, withinMs: at - since, seen };
}

/** Ends pauses early: the watch calls `call`, the waiting side `next`. */
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
