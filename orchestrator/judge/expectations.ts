import { besideMs, many, readableMs } from '../objectives/number-text.ts';
import type { FaultResult, Outcome } from '../verdict.types.ts';
import { type FaultInput, type Impact, watchedUntil } from './impact.ts';

export type Expectation = FaultResult['expectations'][number];
/** `cutShort`: as below. */
export interface ExpectationRow {
  readonly row: Expectation;
  readonly cutShort: boolean;
}
/** `cutShort`: it is not known because the watch was over too soon. */
type Measured = readonly [measured: string, result: Outcome, cutShort?: 'cutShort'];

/** What `expect` asks of one fault, one row each. */
export function expectationsOf(input: FaultInput, impact: Impact): ExpectationRow[] {
  const { expect } = input.times.fault;
  const rows: ExpectationRow[] = [];
  const row = (name: string, target: string, [measured, result, cutShort]: Measured) =>
    rows.push({ row: { name, target, measured, result }, cutShort: cutShort !== undefined });
  if (expect.detectWithin !== undefined) {
    row('detectWithin', readableMs(expect.detectWithin), detection(input, impact, expect.detectWithin));
  }
  if (expect.recoverWithin !== undefined) {
    row('recoverWithin', readableMs(expect.recoverWithin), recovery(input, impact, expect.recoverWithin));
  }
  if (expect.downtimeBelow !== undefined) {
    row(
      'downtimeBelow',
      `< ${readableMs(expect.downtimeBelow)}`,
      downtime(input, impact, expect.downtimeBelow),
    );
  }
  if (expect.failedRequestsBelow !== undefined) {
    const isKept = input.failedRequests < expect.failedRequestsBelow;
    row(
      'failedRequestsBelow',
      `< ${expect.failedRequestsBelow}`,
      isUnmeasured(input) ? NOT_MEASURED : [String(input.failedRequests), isKept ? 'PASS' : 'FAIL'],
    );
  }
  return rows;
}

export function nothingFailed({ failedRequests, failedEvents = 0 }: FaultInput): boolean {
  return failedRequests + failedEvents === 0;
}

/** `12 bad requests`, and of streams `3 bad events`. */
export function badText({ failedRequests, failedEvents = 0 }: FaultInput): string {
  const requests = many(failedRequests, 'bad request');
  if (failedEvents === 0) return requests;
  const events = many(failedEvents, 'bad event');
  return failedRequests === 0 ? events : `${requests} and ${events}`;
}

const NOT_MEASURED = ['not measured', 'INVALID', 'cutShort'] as const;
/** Outages count to the fault that went in last: of one that lasts on, nothing is known from then on. */
const NOT_TO_ITS_END = [
  'not known: before it had ended the next fault went in, or the load was over',
  'INVALID',
  'cutShort',
] as const;
/** What evidence knows more sharply than this needs no word. */
const SHARP_MS = 100;

function isUnmeasured({ times, requests }: FaultInput): boolean {
  return times.injectedAt === null || requests === 0;
}

function detection(input: FaultInput, { detectedAfterMs }: Impact, withinMs: number): Measured {
  if (input.times.injectedAt === null) return NOT_MEASURED;
  if (!input.receivesAlerts) return ['not measured: the environment has no receiver for alerts', 'INVALID'];
  if (detectedAfterMs === null) {
    return undetected(input, input.times.injectingAt ?? input.times.injectedAt, withinMs);
  }
  return [besideMs(detectedAfterMs, withinMs), detectedAfterMs <= withinMs ? 'PASS' : 'FAIL'];
}

/** What was refused may have been the alert that was waited for. */
function undetected(
  { alerts, refusedAlerts, alertsUntil }: FaultInput,
  since: number,
  withinMs: number,
): Measured {
  const refused = refusedAlerts.find(({ at }) => at >= since && at < alertsUntil);
  if (refused === undefined) {
    if (alertsUntil < since + withinMs) {
      const watched = readableMs(Math.max(0, alertsUntil - since));
      return [`not seen in ${watched}, then the watch ended`, 'INVALID', 'cutShort'];
    }
    const others = alerts.length === 0 ? 'nor any other alert' : `only ${many(alerts.length, 'other alert')}`;
    return [`no alert for the component arrived, ${others}`, 'FAIL'];
  }
  return [`not known: alerts arrived and were refused (${refused.reason})`, 'INVALID'];
}

function recovery(input: FaultInput, impact: Impact, withinMs: number): Measured {
  const { recoveryZero: zero, recoveredAfterMs } = impact;
  if (zero === null || isUnmeasured(input)) return NOT_MEASURED;
  if (zero.at >= input.windowEnd) return NOT_TO_ITS_END;
  if (impact.stillDown) return notRecovered(input, impact, zero.at, withinMs);
  const took = recoveredAfterMs ?? 0;
  if (input.keptUntil !== null && took <= withinMs) return ['not known: not watched to the end', 'INVALID'];
  if (endsUnseen(input, zero.at, withinMs)) return NOT_TO_ITS_END;
  if (nothingFailed(input) && impact.outages.length === 0) return ['no request failed', 'PASS'];
  if (recoveredAfterMs === null) return [`at once: ${badText(input)}, no outage`, 'PASS'];
  if (Math.abs(took - withinMs) < clockMs(input)) return [unsharp(took, withinMs, clockMs(input)), 'INVALID'];
  const uncertain = zero.plusMinusMs > SHARP_MS ? ` (± ${readableMs(zero.plusMinusMs)})` : '';
  return [`${besideMs(took, withinMs)}${uncertain}`, took <= withinMs ? 'PASS' : 'FAIL'];
}

/** What happens at once, as a kill, may do its harm without being watched to its end: but no shorter than the promise is long. */
function endsUnseen({ times, windowEnd }: FaultInput, since: number, promisedMs: number): boolean {
  const { fault, endedAt } = times;
  if (endedAt === null || endedAt < windowEnd) return false;
  return 'for' in fault || windowEnd - since < promisedMs;
}

function clockMs({ times }: FaultInput): number {
  return times.clockPlusMinusMs ?? 0;
}

function unsharp(measured: number, bound: number, plusMinusMs: number): string {
  return `${besideMs(measured, bound)}, ± ${readableMs(plusMinusMs)}: the clocks of the runners are not known well enough to tell`;
}

/** Broken when a request has shown, after its time was up, that it was not back yet. Few good answers since then are not that. */
function notRecovered(input: FaultInput, { outages }: Impact, zero: number, withinMs: number): Measured {
  const open = outages.filter((outage) => outage.recoveredAt === null);
  const watchedMs = Math.max(0, watchedUntil(input) - zero);
  const badMs = Math.max(...outages.map((outage) => outage.lastBadAt)) - zero;
  if (badMs > withinMs) return [`not within ${readableMs(Math.min(badMs, watchedMs))}`, 'FAIL'];
  const few = open.find((outage) => outage.goodSince > 0);
  if (few !== undefined && watchedMs >= withinMs) {
    return [
      `${few.goodSince} good ${few.request} since the last bad one: too few to tell`,
      'INVALID',
      'cutShort',
    ];
  }
  return [`not seen in ${readableMs(watchedMs)}, then the watch ended`, 'INVALID', 'cutShort'];
}

function downtime(input: FaultInput, impact: Impact, bound: number): Measured {
  if (impact.downtimeMs === null) return NOT_MEASURED;
  const measured = besideMs(impact.downtimeMs, bound);
  // Its two ends may be seen by two runners.
  const eitherEndMs = 2 * clockMs(input);
  if (impact.outages.length > 0 && Math.abs(impact.downtimeMs - bound) < eitherEndMs)
    return [unsharp(impact.downtimeMs, bound, eitherEndMs), 'INVALID'];
  if (impact.provenDowntimeMs >= bound) return [measured, 'FAIL'];
  if (impact.stillDown)
    return [`at least ${readableMs(impact.provenDowntimeMs)}, end not seen`, 'INVALID', 'cutShort'];
  if (impact.downtimeMs >= bound) {
    return [
      `${measured}, of which ${readableMs(impact.provenDowntimeMs)} were seen: too few requests to tell`,
      'INVALID',
    ];
  }
  if (input.keptUntil !== null) return [`at least ${measured}, not watched to the end`, 'INVALID'];
  const { injectingAt, injectedAt } = input.times;
  if (endsUnseen(input, injectingAt ?? injectedAt ?? input.windowEnd, bound)) return NOT_TO_ITS_END;
  if (impact.outages.length > 0) return [measured, 'PASS'];
  return [nothingFailed(input) ? 'no request failed' : 'no outage', 'PASS'];
}
