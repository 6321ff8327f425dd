import { readableMs } from '../../objectives/number-text.ts';
import type { Collected } from '../collect.ts';
import type { FaultTimes } from '../fault-times.ts';
import type { LoadSpan } from '../phases.ts';
import { withoutUsualFailures } from './baseline.ts';
import type { RequestLog } from './event-log.ts';
import {
  addFailures,
  type FailureCounts,
  NOTICE_RULES,
  noFailures,
  noticedBy,
  noticedByAll,
} from './notice.ts';
import { findOutages, measureRhythm, type OutageSpan } from './outages.ts';
import type { Rhythm, Window } from './troubles.ts';

export interface FaultImpact {
  readonly times: FaultTimes;
  readonly outages: readonly OutageSpan[];
  readonly windowEnd: number;
  /** Until when alerts for its component are its own: the next fault on that, or the end of the run. */
  readonly alertsUntil: number;
  /** Single requests were kept only until then, and the window went on; null: they are all there. */
  readonly keptUntil: number | null;
  readonly toleranceMs: number;
  /** How the load noticed it, in sentences; none when it did not. */
  readonly noticed: readonly string[];
}

/**
 * The outages of each fault, over all request names. A fault answers for what happens from the moment that its injection began
 * to the next fault's, or to the end of the load.
 */
export function impactsOf(
  faults: readonly FaultTimes[],
  collected: Collected,
  load: LoadSpan,
  runEnd: number,
): FaultImpact[] {
  const began = faults.flatMap((f) => (f.injectedAt === null ? [] : [beganAt(f)])).sort((a, b) => a - b);
  const first = began[0];
  // The last requests of a target that hangs were never told of: the load was still there.
  const loadEnd = Math.max(load.to, ...collected.hangs.map((hang) => hang.to));
  const impacts = faults.map((times): Impact => {
    const from = times.injectedAt === null ? null : beganAt(times);
    const next = from === null ? undefined : began.find((at) => at > from);
    const windowEnd = Math.min(next ?? Number.POSITIVE_INFINITY, loadEnd + 1);
    // Where single requests were no longer kept, nothing more is known: no failure seen is not none.
    const cutAt = collected.events?.cutAt ?? null;
    const keptUntil = cutAt !== null && cutAt < windowEnd ? cutAt : null;
    return { times, from, windowEnd, keptUntil, outages: [], gaps: [], noticed: [], counts: noFailures() };
  });
  if (collected.events !== null && first !== undefined) {
    const steady = { from: Number.NEGATIVE_INFINITY, to: first };
    const tests = collected.events.comparisons + 1;
    for (const log of collected.events.logs()) {
      const hangs = collected.hangs.filter(({ scenario }) => log.scenarios.includes(scenario));
      addImpacts(
        impacts,
        log,
        steady,
        (usual, window, rhythm) => findOutages(usual, window, rhythm, hangs),
        tests,
      );
    }
    for (const { noticed, counts } of impacts) {
      if (noticed.length === 0) noticed.push(...noticedByAll(counts, tests));
    }
  }
  return impacts.map(({ times, outages, gaps, windowEnd, keptUntil, noticed }) => ({
    times,
    // Several names fail from the very same moment on, the injection: which was seen first depends on how loads were recorded.
    outages: outages.sort((a, b) => a.from - b.from || (a.request < b.request ? -1 : 1)),
    windowEnd,
    alertsUntil: alertsUntil(times, faults, runEnd + 1),
    keptUntil,
    toleranceMs: Math.max(MIN_TOLERANCE_MS, ...gaps),
    noticed: noticed.sort(),
  }));
}

function alertsUntil(times: FaultTimes, faults: readonly FaultTimes[], end: number): number {
  if (times.injectedAt === null) return end;
  const own = beganAt(times);
  const later = faults.flatMap((one) =>
    one.injectedAt !== null && one.fault.component === times.fault.component && beganAt(one) > own
      ? [beganAt(one)]
      : [],
  );
  return Math.min(end, ...later);
}

/** Timers, clocks and the way of a sample: nothing here is taken to be known more sharply. */
export const MIN_TOLERANCE_MS = 5;

interface Impact {
  readonly times: FaultTimes;
  readonly from: number | null;
  readonly windowEnd: number;
  readonly keptUntil: number | null;
  readonly outages: OutageSpan[];
  readonly gaps: number[];
  readonly noticed: string[];
  /** Over all names. */
  readonly counts: FailureCounts;
}

/** Adds what the requests of one name tell about each fault. */
function addImpacts(
  impacts: readonly Impact[],
  log: RequestLog,
  steady: Window,
  outagesIn: (log: RequestLog, window: Window, rhythm: Rhythm) => OutageSpan[],
  tests: number,
): void {
  const usual = withoutUsualFailures(log, steady);
  const measured = measureRhythm(usual, steady.from, steady.to);
  // A name that did not occur before the first fault has no rhythm of its own: only failures count for it.
  const whole = measured ?? measureRhythm(usual, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  const rhythm: Rhythm = measured ?? { ...(whole ?? NO_RHYTHM), longestGapMs: Number.POSITIVE_INFINITY };
  let downUntil = Number.NEGATIVE_INFINITY;
  for (const impact of [...impacts].sort((a, b) => (a.from ?? 0) - (b.from ?? 0))) {
    if (impact.from === null) continue;
    const window = { from: impact.from, to: impact.keptUntil ?? impact.windowEnd };
    const found = outagesIn(usual, window, rhythm);
    if (found.length > 0) impact.gaps.push(rhythm.meanGapMs, ...found.map((one) => one.spacingMs));
    impact.outages.push(...found);
    // A name that an earlier fault has left broken tells nothing about this one.
    if (downUntil < impact.from) {
      const inFault = inFaultOf({ times: impact.times, windowEnd: window.to });
      const before = beforeOf(impact, impacts, steady);
      const usualGaps = before === steady ? rhythm : measureRhythm(usual, before.from, before.to);
      const silent = found.find((one) => usualGaps !== null && isSilence(one, usualGaps, inFault));
      addFailures(impact.counts, log, before, inFault);
      impact.noticed.push(
        ...noticedBy(log, before, inFault, tests),
        ...(silent ? [`${log.name} was not answered for ${readableMs(silent.silentMs)}`] : []),
      );
    }
    for (const { to } of found) downUntil = Math.max(downUntil, to ?? Number.POSITIVE_INFINITY);
  }
}

/** What a fault is compared with. While another one is in, that is the time with the other one alone: what that does is not this one's. */
function beforeOf({ times, from }: Impact, impacts: readonly Impact[], steady: Window): Window {
  const at = from as number;
  const others = impacts.flatMap((one) => {
    if (one.times === times || one.from === null || one.from > at) return [];
    return (one.times.endedAt ?? Number.POSITIVE_INFINITY) + AFTER_MS > at ? [one.from] : [];
  });
  return others.length === 0 ? steady : { from: Math.max(...others), to: at };
}

/** Requests that the fault has kept waiting fail, or are answered, a little after its end. */
const AFTER_MS = 2000;

/** From the beginning of the injection until a little after the end of the fault, but not into the next one. */
export function inFaultOf({ times, windowEnd }: Pick<FaultImpact, 'times' | 'windowEnd'>): Window {
  const from = times.injectedAt === null ? windowEnd : beganAt(times);
  return { from, to: Math.min(windowEnd, (times.endedAt ?? windowEnd) + AFTER_MS) };
}

function isSilence({ silentMs, from }: OutageSpan, { longestGapMs }: Rhythm, { to }: Window): boolean {
  const { silentMs: least, silentFactor } = NOTICE_RULES;
  return from < to && silentMs >= least && silentMs >= silentFactor * longestGapMs;
}

const NO_RHYTHM: Rhythm = { meanGapMs: 0, longestGapMs: 0, medianMs: 0 };

function beganAt(times: FaultTimes): number {
  const injectedAt = times.injectedAt as number;
  return Math.min(times.injectingAt ?? injectedAt, injectedAt);
}
