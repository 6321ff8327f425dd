import pRetry from 'p-retry';
import { isPassing } from './errors.ts';

/** With the first call as often as the SDK's clients that read. */
const RETRIES = 3;
const FIRST_PAUSE_MS = 100;

/** Makes a call again that AWS, or the way there, failed: not for an order, which may have been carried out. */
export async function tryAgain<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return await pRetry(call, {
    retries: RETRIES,
    factor: 2,
    minTimeout: FIRST_PAUSE_MS,
    // The signal itself would replace the error by its own reason.
    shouldRetry: ({ error }) => !signal.aborted && isPassing(error),
  });
}
