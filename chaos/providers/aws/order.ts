import type { Account } from './account.ts';
import { explain, isRefusal } from './errors.ts';

/** An order that was given once. */
export interface Order {
  /** Just before it was sent, on our clock: nothing older is its effect. */
  readonly sentAt: number;
  /** Why nobody knows whether AWS took it; undefined when it said so. */
  readonly doubt: string | undefined;
}

/**
 * Checks the account again and sends the order, once. In doubt (an error of AWS's, a reset, no answer in time) it is not sent again: what
 * is seen afterwards tells whether it was taken.
 * @throws ProviderError when AWS refused it, or nothing was sent
 */
export async function orderOnce(
  account: Account,
  { doing, lastsMs }: { readonly doing: string; readonly lastsMs: number },
  send: () => Promise<void>,
  signal: AbortSignal,
): Promise<Order> {
  await account.check(signal, lastsMs);
  signal.throwIfAborted();
  const sentAt = Date.now();
  try {
    await send();
    return { sentAt, doubt: undefined };
  } catch (cause) {
    const error = explain(cause, doing, account.settings);
    if (isRefusal(cause)) throw error;
    return { sentAt, doubt: `${error.message}; it was not sent again` };
  }
}
