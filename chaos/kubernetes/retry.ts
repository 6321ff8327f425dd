import pRetry from 'p-retry';
import { ProviderError } from '../provider-error.ts';
import type { Call } from './call.ts';
import { httpCode } from './errors.ts';

const RETRIES = 2;
const PAUSE_MS = 500;
/** An API server that lets every call wait until its deadline is gone, and the caller should hear of it. */
const WITHIN_MS = 5_000;

/** For calls that only read. */
export function patient(call: Call): Call {
  return async (doing, signal, make, header) =>
    await askAgain(() => call(doing, signal, make, header), signal);
}

/**
 * Asks again when the API server, or a webhook behind it, had no time or broke off: one that restarts must not cost a game day.
 * Only for calls that do no harm when they are repeated.
 */
export async function askAgain<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const until = Date.now() + WITHIN_MS;
  return await pRetry(ask, {
    retries: RETRIES,
    factor: 1,
    minTimeout: PAUSE_MS,
    // The signal itself would replace the error by its own reason.
    shouldRetry: ({ error }) => !signal.aborted && Date.now() < until && isPassing(error),
  });
}

/** 429, 503 and 504 are about load; a 500 is when it names a webhook that was not reached (one that refuses answers otherwise). */
function isPassing(error: Error): boolean {
  const code = httpCode(error);
  if (code === undefined) return isBrokenOff(error);
  if (code === 500) return /failed calling webhook/.test(error.message);
  return [429, 503, 504].includes(code);
}

/** Of an API server that restarts, or a load balancer that lets go of it. A name or a certificate that is wrong stays so. */
function isBrokenOff(error: Error): boolean {
  const cause = error instanceof ProviderError ? error.cause : undefined;
  return (
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && BROKEN_OFF.has(cause.code)
  );
}

const BROKEN_OFF = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
