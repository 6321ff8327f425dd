import pRetry from 'p-retry';
import { httpCode } from './errors.ts';

const RETRIES = 2;
const PAUSE_MS = 500;

/**
 * Asks again when the API server, or a webhook behind it, had no time: a webhook that is late once must not cost a game day.
 * Only for calls that do no harm when they are repeated.
 */
export async function askAgain<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return await pRetry(ask, {
    retries: RETRIES,
    factor: 1,
    minTimeout: PAUSE_MS,
    // The signal itself would replace the error by its own reason.
    shouldRetry: ({ error }) => !signal.aborted && isPassing(error),
  });
}

/** 429, 503 and 504 are about load; a 500 is when it names a webhook that was not reached (one that refuses answers otherwise). */
function isPassing(error: Error): boolean {
  const code = httpCode(error) ?? 0;
  if (code === 500) return /failed calling webhook/.test(error.message);
  return [429, 503, 504].includes(code);
}
