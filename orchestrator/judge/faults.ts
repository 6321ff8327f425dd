import type { ReceivedAlert } from '../journal/events.ts';
import { isSince } from '../journal/received-alert.ts';
import { iso, readableMs } from '../objectives/number-text.ts';
import type { FaultResult, Outcome } from '../verdict.types.ts';
import type { FaultTimes } from './fault-times.ts';
import { MIN_TOLERANCE_MS } from './outages/impacts.ts';
import { type OutageSpan, unitedMs } from './outages/outages.ts';
import { OUTAGE_RULES } from './outages/troubles.ts';

export interface FaultInput {
  readonly times: FaultTimes;
  readonly outages: readonly OutageSpan[];
  /** Until when outages count to this fault: the next injection, or the end of the load. */
  readonly windowEnd: number;
  /** Single requests were kept only until then: outages after it are not known. Null: they were kept to the end of the window. */
  readonly keptUntil: number | null;
  /** Requests (good and bad) and dropped iterations from the injection on, within the window. */
  readonly requests: number;
  readonly failedRequests: number;
  readonly toleranceMs: number;
  readonly alerts: readonly ReceivedAlert[];
  /** False: this run had no receiver for alerts. */
  readonly receivesAlerts: boolean;
}

/** What one fault did to the users, and whether that was within what the drill expects. Pure. */
export function judgeFault(input: FaultInput): FaultResult {
  const { times, outages } = input;
  const { fault } = times;
  const impact = impactOf(input);
  const expectations = expectationsOf(input, impact);
  const problem = unprovenReason(times) ?? pointlessReason(input);
  const failed = expectations.find((e) => e.result === 'FAIL');
  const unclear = expectations.find((e) => e.result === 'INVALID');
  const result: Outcome = failed ? 'FAIL' : problem !== null || unclear ? 'INVALID' : 'PASS';
  return {
    name: fault.name,
    kind: fault.kind,
    component: fault.component,
    targets: times.targets,
    evidence: [...times.seenIn, ...times.use.flatMap(({ seen }) => seen), ...times.seenOut],
    legs: { in: times.seenIn, use: times.use, out: times.seenOut },
    unnoticed: fault.expect.unnoticed ?? false,
    injectedAt: iso(times.injectedAt),
    removedAt: iso(times.endedAt),
    firstBadAt: iso(impact.firstBadAt),
    detectedAt: iso(impact.detectedAt),
    recoveredAt: iso(impact.recoveredAt),
    downtimeMs: times.injectedAt === null || input.requests === 0 ? null : round(impact.downtimeMs),
    injectedToleranceMs: evidenceToleranceMs(times.injectedPlusMinusMs),
    removedToleranceMs: evidenceToleranceMs(times.endedPlusMinusMs),
    toleranceMs: round(input.toleranceMs),
    failedRequests: input.failedRequests,
    outages: outages.map(({ request, from, to, flaps }) => ({
      request,
      from: iso(from) as string,
      to: iso(to),
      downtimeMs: round(Math.max(0, (to ?? watchedUntil(input)) - from)),
      flaps,
    })),
    expectations,
    result,
    reason: reasonOf(input, impact, [problem, failed && told(failed), unclear && told(unclear)]),
  };
}

/** Until when single requests tell of outages. */
function watchedUntil({ windowEnd, keptUntil }: FaultInput): number {
  return keptUntil ?? windowEnd;
}

function evidenceToleranceMs(withinMs: number): number {
  return round(Math.max(MIN_TOLERANCE_MS, withinMs));
}

interface Impact {
  readonly firstBadAt: number | null;
  readonly detectedAt: number | null;
  readonly recoveredAt: number | null;
  /** The same without what counts as no outage. */
  readonly backAt: number | null;
  /** There was an outage, and its end was not seen. */
  readonly stillDown: boolean;
  readonly downtimeMs: number;
}

type Expectation = FaultResult['expectations'][number];

function impactOf(input: FaultInput): Impact {
  const { times, outages, windowEnd, alerts } = input;
  const injectedAt = times.injectedAt;
  const bad = outages.map((o) => o.firstBadAt);
  const alert =
    injectedAt === null
      ? undefined
      : alerts
          .filter((a) => a.status === 'firing' && a.labels.component === times.fault.component)
          .filter((a) => isSince(a, times.injectingAt ?? injectedAt) && a.receivedAt < windowEnd)
          .sort((a, b) => a.receivedAt - b.receivedAt)[0];
  return {
    firstBadAt: bad.length > 0 ? Math.min(...bad) : null,
    detectedAt: alert?.receivedAt ?? null,
    ...recovery(input),
    downtimeMs: unitedMs(outages, watchedUntil(input)),
  };
}

/**
 * The end of the last outage that counts. One that does not (see OUTAGE_RULES) is only shown, when there is no other: what the
 * drill expects of the recovery is held against the others, so that one more failure cannot make a late one count for less.
 */
function recovery({ times, outages }: FaultInput): Pick<Impact, 'recoveredAt' | 'backAt' | 'stillDown'> {
  const never = Number.POSITIVE_INFINITY;
  const beganAt = Math.min(times.injectingAt ?? never, times.injectedAt ?? never);
  const counting = outages.filter((o) => !isBlip(o, beganAt));
  if (counting.some((o) => o.recoveredAt === null))
    return { recoveredAt: null, backAt: null, stillDown: true };
  const latest = (of: readonly OutageSpan[]) =>
    of.length === 0 ? null : Math.max(...of.map((o) => o.recoveredAt ?? 0));
  const backAt = latest(counting);
  return { recoveredAt: backAt ?? latest(outages), backAt, stillDown: false };
}

/** Short, few failures, and the target had served well since the injection for long enough to count as recovered. */
function isBlip({ from, to, failures, silentMs }: OutageSpan, beganAt: number): boolean {
  if (to === null || from - beganAt <= OUTAGE_RULES.sustainedMs) return false;
  return failures <= OUTAGE_RULES.blipEvents && silentMs < OUTAGE_RULES.blipSilenceMs;
}

function expectationsOf(input: FaultInput, impact: Impact): Expectation[] {
  const { times } = input;
  const expect = times.fault.expect;
  const rows: Expectation[] = [];
  const row = (name: string, target: string, [measured, result]: readonly [string, Outcome]) =>
    rows.push({ name, target, measured, result });
  const injectedAt = times.injectedAt;
  if (expect.detectWithin !== undefined) {
    row('detectWithin', readableMs(expect.detectWithin), detection(input, impact, expect.detectWithin));
  }
  if (expect.recoverWithin !== undefined) {
    row('recoverWithin', readableMs(expect.recoverWithin), recoveredIn(input, impact, expect.recoverWithin));
  }
  if (expect.downtimeBelow !== undefined) {
    const target = `< ${readableMs(expect.downtimeBelow)}`;
    const measured = readableMs(impact.downtimeMs);
    if (injectedAt === null || input.requests === 0) row('downtimeBelow', target, NOT_MEASURED);
    else if (impact.downtimeMs >= expect.downtimeBelow) row('downtimeBelow', target, [measured, 'FAIL']);
    else if (impact.stillDown)
      row('downtimeBelow', target, [`at least ${measured}, end not seen`, 'INVALID']);
    else if (input.keptUntil !== null)
      row('downtimeBelow', target, [`at least ${measured}, not watched to the end`, 'INVALID']);
    else row('downtimeBelow', target, [impact.firstBadAt === null ? 'no request failed' : measured, 'PASS']);
  }
  if (expect.failedRequestsBelow !== undefined) {
    const kept = input.failedRequests < expect.failedRequestsBelow;
    row(
      'failedRequestsBelow',
      `< ${expect.failedRequestsBelow}`,
      injectedAt === null || input.requests === 0
        ? NOT_MEASURED
        : [String(input.failedRequests), kept ? 'PASS' : 'FAIL'],
    );
  }
  return rows;
}

const NOT_MEASURED = ['not measured', 'INVALID'] as const;

function detection(input: FaultInput, impact: Impact, withinMs: number): readonly [string, Outcome] {
  const { injectedAt } = input.times;
  if (injectedAt === null) return NOT_MEASURED;
  if (!input.receivesAlerts) return ['not measured: the environment has no receiver for alerts', 'INVALID'];
  if (impact.detectedAt === null) return ['no alert for the component arrived', 'FAIL'];
  const took = Math.max(0, impact.detectedAt - injectedAt);
  return [readableMs(took), took <= withinMs ? 'PASS' : 'FAIL'];
}

/** A fault that lasts cannot be recovered from before it is taken away: its clock starts there. */
function recoveredIn(input: FaultInput, impact: Impact, withinMs: number): readonly [string, Outcome] {
  const { times } = input;
  const from = 'for' in times.fault ? times.endedAt : times.injectedAt;
  if (times.injectedAt === null || from === null || input.requests === 0) return NOT_MEASURED;
  if (impact.stillDown) {
    const watched = Math.max(0, watchedUntil(input) - from);
    if (watched < withinMs) return [`not seen in ${readableMs(watched)}, then the watch ended`, 'INVALID'];
    return [`not within ${readableMs(watched)}`, 'FAIL'];
  }
  const took = Math.max(0, (impact.backAt ?? from) - from);
  if (input.keptUntil !== null && took <= withinMs) return ['not known: not watched to the end', 'INVALID'];
  if (impact.recoveredAt === null) return ['no request failed', 'PASS'];
  if (impact.backAt === null) return [`at once: ${input.failedRequests} bad requests, on their own`, 'PASS'];
  return [readableMs(took), took <= withinMs ? 'PASS' : 'FAIL'];
}

function unprovenReason(times: FaultTimes): string | null {
  if (times.injectedAt === null) {
    if (times.injectingAt === null) return 'it was never injected';
    return `nothing proves that it took effect${times.unproven ? `: ${times.unproven}` : ''}`;
  }
  if (times.endedAt === null) {
    return `nothing proves that it ended${times.endUnproven ? `: ${times.endUnproven}` : ''}`;
  }
  const early = (times.injectingAt ?? times.injectedAt) - times.injectedAt;
  if (early > EVIDENCE_SKEW_MS) {
    return `what was seen is ${readableMs(early)} older than its injection, and proves nothing about it`;
  }
  return null;
}

/** Evidence may be by the clock of a cluster, in whole seconds. */
const EVIDENCE_SKEW_MS = 5_000;

/** Proven, and yet not known what it does to the users: nobody was there, or nobody looked on, or it was over too soon. */
function pointlessReason({ times, requests, keptUntil, outages }: FaultInput): string | null {
  const { fault, injectedAt, revertingAt, endedAt } = times;
  if (requests === 0) return 'no request was due: what it did to the users is not known';
  if (outages.some((outage) => outage.unanswered)) {
    return 'requests were still waiting for an answer when the load was over: k6 tells nothing of them, and no objective counts them';
  }
  if (keptUntil !== null) {
    return `single requests were kept only until ${iso(keptUntil)}: what failed after that is not known (a shorter run, or a lower rate)`;
  }
  if (!('for' in fault) || injectedAt === null || revertingAt === null) return null;
  if (endedAt !== null && endedAt < Math.min(revertingAt - EVIDENCE_SKEW_MS, injectedAt + fault.for)) {
    return `it ended by itself after ${readableMs(Math.max(0, endedAt - injectedAt))} of ${readableMs(fault.for)}`;
  }
  const lasted = revertingAt - injectedAt;
  if (lasted >= fault.for - TIMER_SLACK_MS) return null;
  return `it was taken out after ${readableMs(Math.max(0, lasted))} of ${readableMs(fault.for)}: the load was over, or the run was stopped`;
}

/** Timers may fire a little early. */
const TIMER_SLACK_MS = 50;

function reasonOf(
  input: FaultInput,
  impact: Impact,
  problems: readonly (string | null | undefined)[],
): string {
  const told = problems.filter((p) => typeof p === 'string');
  if (told.length > 0) return told.join('; ');
  if (impact.firstBadAt === null) return 'no request failed';
  return `down for ${readableMs(impact.downtimeMs)} (± ${readableMs(input.toleranceMs)}), ${input.failedRequests} bad requests`;
}

function told({ name, target, measured }: Expectation): string {
  return `${name} ${target}: ${measured}`;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
