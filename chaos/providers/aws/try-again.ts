import { pause } from '../../wait-until.ts';
import { isPassing } from './errors.ts';

/** As often as the SDK's clients that read. */
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;

/** Makes a call again that AWS, or the way there, failed: not for an order, which may have been carried out. */
export async function tryAgain<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === ATTEMPTS || signal.aborted || !isPassing(error)) throw error;
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
    }
  }
}
