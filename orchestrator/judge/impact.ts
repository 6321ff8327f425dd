import type { ReceivedAlert } from '../journal/events.ts';
import { isSince } from '../journal/received-alert.ts';
import type { LostTime } from '../machine/lost-time.ts';
import type { FaultTimes } from './fault-times.ts';
import { type OutageSpan, unitedMs } from './outages/outages.ts';
import { OUTAGE_RULES } from './outages/troubles.ts';

export interface FaultInput {
  readonly times: FaultTimes;
  readonly outages: readonly OutageSpan[];
  /** Until when outages count to this fault: the next injection, or the end of the load. */
  readonly windowEnd: number;
  /** Until when alerts for its component are its own: the next fault on that, or the end of the run. */
  readonly alertsUntil: number;
  /** Single requests were kept only until then: outages after it are not known. Null: they were kept to the end of the window. */
  readonly keptUntil: number | null;
  /** Requests and events (good and bad) and dropped iterations from the injection on, within the window. */
  readonly requests: number;
  readonly failedRequests: number;
  /** Of the streams of events beside requests. */
  readonly failedEvents?: number;
  /** Iterations that threw while it was in, of which no request or event tells. */
  readonly threwUnseen: number;
  /** Scenarios of which nothing was counted in which an outage could show. */
  readonly unheard: readonly string[];
  readonly toleranceMs: number;
  /** How the load noticed the fault, in sentences; none when it did not. */
  readonly noticed: readonly string[];
  /** False: the journal is of a squall that did not watch what used the targets. */
  readonly watchesUse: boolean;
  readonly alerts: readonly ReceivedAlert[];
  /** False: this run had no receiver for alerts. */
  readonly receivesAlerts: boolean;
  /** Alerts that arrived and were not taken. */
  readonly refusedAlerts: readonly { readonly at: number; readonly reason: string }[];
  /** When something cut the run short; null or left out: nothing did. Epoch ms. */
  readonly cutAt?: number | null;
  /** What the machine that generated the load lost; null or left out: it was not watched. */
  readonly lost?: LostTime | null;
}

/** What a fault did to the users. Only outages that count are in it, in every number alike. */
export interface Impact {
  /** Those that count, see `isBlip`. */
  readonly outages: readonly OutageSpan[];
  readonly firstBadAt: number | null;
  readonly detectedAt: number | null;
  /** From the moment that squall began to inject. */
  readonly detectedAfterMs: number | null;
  readonly recoveredAt: number | null;
  /** From the zero of the recovery; null without an outage, or when its end was not seen. */
  readonly recoveredAfterMs: number | null;
  /** Where the clock of the recovery starts, and by how much that may be earlier. */
  readonly recoveryZero: { readonly at: number; readonly plusMinusMs: number } | null;
  /** There was an outage, and its end was not seen. */
  readonly stillDown: boolean;
  /** Null: nothing was there that could have been down. */
  readonly downtimeMs: number | null;
  /** Without the time between the last bad request and the first good one, and the like: it was down for no less. */
  readonly provenDowntimeMs: number;
}

export function impactOf(input: FaultInput): Impact {
  const { times, alertsUntil, alerts } = input;
  const { injectedAt } = times;
  const outages = input.outages.filter((outage) => !isBlip(outage, beganAt(times)));
  const alert =
    injectedAt === null
      ? undefined
      : alerts
          .filter((a) => a.status === 'firing' && a.labels.component === times.fault.component)
          .filter((a) => isSince(a, times.injectingAt ?? injectedAt) && a.receivedAt < alertsUntil)
          .sort((a, b) => a.receivedAt - b.receivedAt)[0];
  const stillDown = outages.some((outage) => outage.recoveredAt === null);
  const isDown = outages.length > 0;
  const recoveredAt =
    isDown && !stillDown ? Math.max(...outages.map((outage) => outage.recoveredAt ?? 0)) : null;
  const recoveryZero = zeroOf(times, outages);
  const proven = outages.map(({ firstBadAt, lastBadAt }) => ({
    from: firstBadAt,
    to: Math.max(firstBadAt, lastBadAt),
  }));
  const isMeasured = injectedAt !== null && input.requests > 0;
  return {
    outages,
    firstBadAt: isDown ? Math.min(...outages.map((outage) => outage.firstBadAt)) : null,
    detectedAt: alert?.receivedAt ?? null,
    detectedAfterMs:
      alert === undefined ? null : Math.max(0, alert.receivedAt - (times.injectingAt ?? injectedAt ?? 0)),
    recoveredAt,
    recoveredAfterMs:
      recoveredAt === null || recoveryZero === null ? null : Math.max(0, recoveredAt - recoveryZero.at),
    recoveryZero,
    stillDown,
    downtimeMs: isMeasured ? unitedMs(outages, watchedUntil(input)) : null,
    provenDowntimeMs: unitedMs(proven, watchedUntil(input)),
  };
}

/** Until when single requests tell of outages. */
export function watchedUntil({ windowEnd, keptUntil }: FaultInput): number {
  return keptUntil ?? windowEnd;
}

/**
 * A fault that lasts cannot be recovered from before it is taken away: the clock starts there. Of the others it starts when they were
 * in, which users may have seen before the evidence did: a cluster tells the time of a kill to a second or so.
 */
function zeroOf(times: FaultTimes, outages: readonly OutageSpan[]): Impact['recoveryZero'] {
  if (times.injectedAt === null) return null;
  if ('for' in times.fault) {
    return times.endedAt === null ? null : { at: times.endedAt, plusMinusMs: times.endedPlusMinusMs };
  }
  const firstDown = Math.min(...outages.map((outage) => outage.from));
  if (firstDown >= times.injectedAt) return { at: times.injectedAt, plusMinusMs: times.injectedPlusMinusMs };
  return { at: Math.max(firstDown, beganAt(times)), plusMinusMs: 0 };
}

/** Short, few failures, and the target had served well since the injection for long enough to count as recovered. */
function isBlip({ from, to, failures, silentMs }: OutageSpan, began: number): boolean {
  if (to === null || from - began <= OUTAGE_RULES.sustainedMs) return false;
  return failures <= OUTAGE_RULES.blipEvents && silentMs < OUTAGE_RULES.blipSilenceMs;
}

function beganAt(times: FaultTimes): number {
  const never = Number.POSITIVE_INFINITY;
  return Math.min(times.injectingAt ?? never, times.injectedAt ?? never);
}
