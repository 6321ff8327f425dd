import { setTimeout as sleep } from 'node:timers/promises';
import { NoEvidenceError } from '../../provider.ts';

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Between two looks. A process disappears within a millisecond: what needs a sharp time looks that often. */
  readonly everyMs: number;
  /** When it was not so for certain; left out: when the wait begins. */
  readonly notBefore?: number | undefined;
  /** Ends the sentence "no evidence …"; asked when the wait is over, so it can say what was seen last. */
  readonly otherwise: () => string;
}

/**
 * Looks until there is something to see; a look that takes long is not waited for. A look is told since when it may be so: when the
 * one before, which saw nothing, began.
 * @throws NoEvidenceError when `signal` ends first
 */
export async function waitUntil<Seen>(
  look: (since: number) => Seen | undefined | Promise<Seen | undefined>,
  { signal, everyMs, notBefore = Date.now(), otherwise }: WaitOptions,
): Promise<Seen> {
  const given = whenAborted(signal);
  let since = notBefore;
  while (!signal.aborted) {
    const began = Date.now();
    const looking = look(since);
    const seen = looking instanceof Promise ? await Promise.race([looking, given.up]) : looking;
    if (seen !== undefined) {
      given.forget();
      return seen;
    }
    since = began;
    await Promise.race([sleep(everyMs), given.up]);
  }
  throw new NoEvidenceError(`no evidence ${otherwise()}`);
}

function whenAborted(signal: AbortSignal): { readonly up: Promise<undefined>; forget(): void } {
  let forget = () => {};
  const up = new Promise<undefined>((resolve) => {
    const give = () => resolve(undefined);
    signal.addEventListener('abort', give, { once: true });
    forget = () => signal.removeEventListener('abort', give);
  });
  return { up, forget };
}
