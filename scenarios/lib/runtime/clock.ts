import { exec } from './k6.ts';

/** Milliseconds since the run began, with fractions: Date.now() has none in k6, and there is no `performance`. */
export const now = (): number => {
  // k6 makes this object anew, 5 KB of it, each time that it is asked for; the values in it are those of the moment all the same.
  instance ??= exec.instance;
  return instance.currentTestRunDuration;
};
let instance: typeof exec.instance | undefined;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Turns the timestamps of WebSocket messages, taken when they were read and not when the script came to look at them, into now()'s
 * clock. The two clocks differ by a constant; each message shows it less the delay until it was looked at, so that the largest
 * difference seen is the nearest.
 */
export const createMessageClock = (): ((timestamp: number) => number) => {
  let offset = Number.NEGATIVE_INFINITY;
  return (timestamp) => {
    offset = Math.max(offset, timestamp - now());
    return timestamp - offset;
  };
};
