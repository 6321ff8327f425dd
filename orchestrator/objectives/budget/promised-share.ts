import type { Objective } from '../../../thresholds/objective.ts';
import { parseDurationMs, parsePercent } from '../../../thresholds/units.ts';

export interface PromisedShare {
  /** The share of events that has to be good: 0.999. */
  readonly good: number;
  /** e.g. `30d`. */
  readonly window: string;
  readonly windowMs: number;
  /** What makes an event good, in words. */
  readonly meaning: string;
}

/**
 * An objective as a share of events that have to be good, which has an error budget: an availability, an error share, a percentile (95 of 100
 * requests are faster than that), the share of a rate. Null for what is none: a throughput, a counter.
 * @param window of its budget, where the objective names none
 */
export function promisedShare(objective: Objective, window = '30d'): PromisedShare | null {
  const own = 'availability' in objective ? objective.window : window;
  const share = (good: number, meaning: string): PromisedShare => ({
    // 1 - 0.001 leaves noise in the last digits.
    good: Number(good.toPrecision(12)),
    window: own,
    windowMs: parseDurationMs(own),
    meaning,
  });
  if ('availability' in objective) return share(parsePercent(objective.atLeast), 'answered as it should');
  if ('errors' in objective) return share(1 - parsePercent(objective.below), 'answered as it should');
  if ('percentile' in objective)
    return share(
      objective.percentile / 100,
      `${objective.metric ?? 'answered'} in less than ${objective.below}`,
    );
  if ('rate' in objective && objective.atLeast !== undefined)
    return share(parsePercent(objective.atLeast), `${objective.rate} is true`);
  if ('rate' in objective && objective.below !== undefined)
    return share(1 - parsePercent(objective.below), `${objective.rate} is false`);
  return null;
}
