import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/**
 * Lowers the priority of the thread that calls it, and of no other: what is measured must not wait for the one that measures. k6 keeps
 * what has not been read yet, and goes on. Linux gives each thread a priority of its own; elsewhere nothing happens.
 */
export function lowerPriority(): void {
  const thread = ownThread();
  // One that is lower already (`nice -n 19 squall …`) stays: to raise it takes a right that a container's user does not have.
  if (thread !== null && getPriority(thread) < NICE) setPriority(thread, NICE);
}

/** About a tenth of the weight of others: enough to keep up on a busy machine, too little to get in their way. */
const NICE = 10;

function ownThread(): number | null {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return null;
  }
}
