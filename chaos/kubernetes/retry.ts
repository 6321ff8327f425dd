import { pause } from '../wait-until.ts';
import { httpCode } from './errors.ts';

const TRIES = 3;
const PAUSE_MS = 500;

/**
 * Asks again when the API server, or a webhook behind it, had no time: a webhook that is late once must not cost a game day.
 * Only for calls that do no harm when they are repeated.
 */
export async function askAgain<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === TRIES || signal.aborted || !isPassing(error)) throw error;
      await pause(PAUSE_MS, signal);
    }
  }
}

/** 429, 503 and 504 are about load; a 500 is when it names a webhook that was not reached (one that refuses answers otherwise). */
function isPassing(error: unknown): boolean {
  const code = httpCode(error) ?? 0;
  if (code === 500) return /failed calling webhook/.test((error as Error).message);
  return [429, 503, 504].includes(code);
}
