import { exec } from './k6.ts';

/** Milliseconds since the run began, with fractions: Date.now() has none in k6, and there is no `performance`. */
export const now = (): number => {
  // k6 makes a new object of 5 KB each time this is read. The values of an old one are still up to date.
  instance ??= exec.instance;
  return instance.currentTestRunDuration;
};
let instance: typeof exec.instance | undefined;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Converts the timestamps of WebSocket messages, which are taken when a message is read and not when the script handles it, to the
 * clock of now(). The two clocks differ by a constant; each message shows that constant minus the delay until it was handled, so the
 * largest difference seen is the closest.
 */
export const createMessageClock = (): ((timestamp: number) => number) => {
  let offset = Number.NEGATIVE_INFINITY;
  return (timestamp) => {
    offset = Math.max(offset, timestamp - now());
    return timestamp - offset;
  };
};
