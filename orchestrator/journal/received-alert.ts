import type { ReceivedAlert } from './events.ts';

/**
 * Did it arrive at or after `since` (epoch milliseconds), about something that began then? Alertmanager repeats what still fires and
 * sends it along with what is new: that is an earlier incident, and no answer to a fault that went in later.
 */
export function isSince({ receivedAt, startsAt }: ReceivedAlert, since: number): boolean {
  const began = startsAt === null ? Number.NaN : Date.parse(startsAt);
  // Go writes the year 1 for a time that nobody has set.
  return receivedAt >= since && !(began > 0 && began < since - CLOCK_SKEW_MS);
}

/** `startsAt` is by the clock of whoever watches the target. */
const CLOCK_SKEW_MS = 2_000;
