import type { ReceivedAlert } from './events.ts';

/**
 * Whether the alert arrived at or after `since` (epoch milliseconds) about something that began then. Alertmanager repeats alerts that
 * still fire: those belong to an earlier incident and do not count as detection of a later fault.
 */
export function isSince({ receivedAt, startsAt }: ReceivedAlert, since: number): boolean {
  const began = startsAt === null ? Number.NaN : Date.parse(startsAt);
  // Go writes an unset time as the year 1.
  return receivedAt >= since && !(began > 0 && began < since - CLOCK_SKEW_MS);
}

/** `startsAt` comes from the clock of the monitoring system. */
const CLOCK_SKEW_MS = 2_000;
