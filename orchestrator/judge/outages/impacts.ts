import type { Collected } from '../collect.ts';
import type { FaultTimes } from '../fault-times.ts';
import type { LoadSpan } from '../phases.ts';
import { findOutages, measureRhythm, type OutageSpan } from './outages.ts';
import type { Rhythm } from './troubles.ts';

export interface FaultImpact {
  readonly times: FaultTimes;
  readonly outages: readonly OutageSpan[];
  readonly windowEnd: number;
  /** Single requests were kept only until then, and the window went on; null: they are all there. */
  readonly keptUntil: number | null;
  readonly toleranceMs: number;
}

/**
 * The outages of each fault, over all request names. A fault answers for what happens from the moment that its injection began
 * to the next fault's, or to the end of the load.
 */
export function impactsOf(
  faults: readonly FaultTimes[],
  collected: Collected,
  load: LoadSpan,
): FaultImpact[] {
  const began = faults.flatMap((f) => (f.injectedAt === null ? [] : [beganAt(f)])).sort((a, b) => a - b);
  const first = began[0];
  // The last requests of a target that hangs were never told of: the load was still there.
  const loadEnd = Math.max(load.to, ...collected.hangs.map((hang) => hang.to));
  const impacts = faults.map((times) => {
    const from = times.injectedAt === null ? null : beganAt(times);
    const next = from === null ? undefined : began.find((at) => at > from);
    const windowEnd = Math.min(next ?? Number.POSITIVE_INFINITY, loadEnd + 1);
    // Where single requests were no longer kept, nothing more is known: no failure seen is not none.
    const cutAt = collected.events?.cutAt ?? null;
    const keptUntil = cutAt !== null && cutAt < windowEnd ? cutAt : null;
    return { times, from, windowEnd, keptUntil, outages: [] as OutageSpan[], gaps: [] as number[] };
  });
  if (collected.events !== null && first !== undefined) {
    for (const log of collected.events.logs()) {
      const steady = measureRhythm(log, Number.NEGATIVE_INFINITY, first);
      // A name that did not occur before the first fault has no rhythm of its own: only failures count for it.
      const whole = steady ?? measureRhythm(log, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
      const rhythm: Rhythm = steady ?? { ...(whole ?? NO_RHYTHM), longestGapMs: Number.POSITIVE_INFINITY };
      const hangs = collected.hangs.filter(({ scenario }) => log.scenarios.includes(scenario));
      for (const impact of impacts) {
        if (impact.from === null) continue;
        const window = { from: impact.from, to: impact.keptUntil ?? impact.windowEnd };
        const found = findOutages(log, window, rhythm, hangs);
        if (found.length > 0) impact.gaps.push(rhythm.meanGapMs, ...found.map((one) => one.spacingMs));
        impact.outages.push(...found);
      }
    }
  }
  return impacts.map(({ times, outages, gaps, windowEnd, keptUntil }) => ({
    times,
    // Several names fail from the very same moment on, the injection: which was seen first depends on how loads were recorded.
    outages: outages.sort((a, b) => a.from - b.from || (a.request < b.request ? -1 : 1)),
    windowEnd,
    keptUntil,
    toleranceMs: Math.max(MIN_TOLERANCE_MS, ...gaps),
  }));
}

/** Timers, clocks and the way of a sample: nothing here is taken to be known more sharply. */
export const MIN_TOLERANCE_MS = 5;
const NO_RHYTHM: Rhythm = { meanGapMs: 0, longestGapMs: 0, medianMs: 0 };

function beganAt(times: FaultTimes): number {
  const injectedAt = times.injectedAt as number;
  return Math.min(times.injectingAt ?? injectedAt, injectedAt);
}
