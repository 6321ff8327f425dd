import type { SuiteComparison } from '../../../chaos/schema/suite.ts';
import { variance } from '../../statistics/student-t.ts';
import { differencesOfStarts, levelOf } from '../decision/by-slot-and-start.ts';
import { measureText } from '../decision/comparison.ts';
import { valuesNeeded } from '../decision/measure.ts';
import { hasAnswers, pairsOf } from '../side-by-side/pairs.ts';
import type { Slots } from '../side-by-side/read-slots.ts';
import { type Calibration, loadOf, PERCENTILES } from './calibration.ts';

/**
 * What some starts say of the difference between starts when two instances of the same code are measured side by side, as a gate does. The
 * difference of two independent starts has twice the variance of one, so half of it is returned. What the hours do to a machine both sides
 * have in common, so it does not count as a difference between starts; the noise of the pairs does, which errs on the careful side.
 * @param starts both sides of each
 */
export function calibrateSideBySide(
  comparison: SuiteComparison,
  starts: readonly Slots[],
): Calibration['comparisons'][string] {
  const sd: Record<string, Record<string, number>> = {};
  for (const request of comparison.requests ?? [...(starts[0]?.keys() ?? [])]) {
    const pairs = pairsOf(starts.map((slots) => slots.get(request) ?? new Map())).filter(hasAnswers);
    const sides = {
      baseline: pairs.map(({ baseline }) => baseline.durations),
      candidate: pairs.map(({ candidate }) => candidate.durations),
    };
    for (const percentile of PERCENTILES) {
      const fewest = valuesNeeded({ percentile }, 1);
      if ([...sides.baseline, ...sides.candidate].some(({ length }) => length < fewest)) continue;
      const levels = differencesOfStarts(
        sides,
        { percentile },
        pairs.map(({ start }) => start),
      ).map(levelOf);
      if (levels.length < starts.length) continue;
      sd[request] = { ...sd[request], [measureText({ percentile })]: Math.sqrt(variance(levels) / 2) };
    }
  }
  return { load: loadOf(comparison), starts: starts.length, sd };
}
