import { hodgesLehmann } from '../../statistics/hodges-lehmann.ts';
import { mean, studentT, studentTQuantile } from '../../statistics/student-t.ts';
import { type Evidence, type Interval, sameAlpha } from './answer.ts';
import { evidenceBySlot } from './by-slot.ts';
import { PRIOR, type Prior } from './by-start.ts';
import type { Criteria, Measure, Sides } from './comparison.ts';
import { logsOf, median } from './measure.ts';

/**
 * What slots show that were measured over several starts of both sides. Slots cancel what belongs to the time, but not what belongs to a
 * start (its memory, what its compiler did), so the difference must also hold between starts: the larger p counts, and the wider interval.
 * With one start each, only what is known of starts in general says how far two of the same code may be apart.
 * @param startOf the number of the start that each pair belongs to
 * @param prior what is known of starts: the standard deviation of their logarithms, and how many degrees of freedom that is worth
 */
export function evidenceBySlotAndStart(
  sides: Sides,
  criteria: Criteria,
  startOf: readonly number[],
  prior: Prior = PRIOR,
): Evidence {
  const slots = evidenceBySlot(sides, criteria);
  const starts = betweenStarts(sides, criteria, startOf, prior);
  const { estimate } = slots;
  const p = studentT((estimate >= 0 ? -1 : 1) * (starts.difference / starts.error), starts.degreesOfFreedom);
  const wider = ({ low, high }: Interval, alpha: number): Interval => {
    const reach = studentTQuantile(alpha, starts.degreesOfFreedom) * starts.error;
    return {
      low: Math.min(low, starts.difference - reach),
      high: Math.max(high, starts.difference + reach),
    };
  };
  return {
    ...slots,
    ...wider(slots, criteria.alpha),
    narrow: wider(slots.narrow, sameAlpha(criteria.alpha)),
    p: Math.max(slots.p, p),
  };
}

/** How much larger the candidate's logarithm is, pair by pair: a list for each start. */
export function differencesOfStarts(
  { baseline, candidate }: Sides,
  measure: Measure,
  startOf: readonly number[],
): number[][] {
  const logs = logsOf([...baseline, ...candidate], measure);
  const groups = new Map<number, number[]>();
  for (const [i, start] of startOf.entries()) {
    const difference = (logs[baseline.length + i] as number) - (logs[i] as number);
    groups.set(start, [...(groups.get(start) ?? []), difference]);
  }
  return [...groups.values()];
}

/** The difference of one start. */
export function levelOf(differences: readonly number[]): number {
  return hodgesLehmann(differences, ANY_ALPHA).estimate;
}

/** The estimate is the same whatever interval is asked for beside it. */
const ANY_ALPHA = 0.05;

/**
 * The mean over the starts of the difference of their pairs (as Hodges and Lehmann estimate it, so that a burst in one slot does not decide),
 * and its error. The variance between starts is joined with twice (there are two sides) the prior of a start. The prior keeps a variance
 * from being believed that is small by chance; it never makes one smaller, since starts that come in two modes are as far apart as they
 * are. Nor is it ever below the noise of the pairs.
 */
function betweenStarts(
  { baseline, candidate }: Sides,
  { measure }: Criteria,
  startOf: readonly number[],
  prior: Prior,
): { difference: number; error: number; degreesOfFreedom: number } {
  const starts = differencesOfStarts({ baseline, candidate }, measure, startOf);
  const levels = starts.map(levelOf);
  const noise = noiseOfLevels(starts);
  const degreesOfFreedom = levels.length - 1 + prior.weight;
  const own = squares(levels);
  const joined = (own + prior.weight * (2 * prior.sd ** 2 + 2 * noise)) / degreesOfFreedom;
  const variance = Math.max(joined, own / Math.max(1, levels.length - 1), noise);
  return { difference: mean(levels), error: Math.sqrt(variance / levels.length), degreesOfFreedom };
}

/**
 * The variance of a start's level that comes from its pairs. Their spread within a start is that of the median of how far they are away from
 * its middle: a burst is not taken for the noise of all. (What bursts do to p is in the signed-rank test.)
 */
function noiseOfLevels(starts: readonly (readonly number[])[]): number {
  const away = starts.flatMap((own) => own.map((one) => Math.abs(one - median(own))));
  const freedom = Math.max(1, away.length - starts.length);
  const variance = (NORMAL * median(away)) ** 2 * (away.length / freedom);
  return mean(starts.map((own) => (HODGES_LEHMANN * variance) / own.length));
}

/** The standard deviation of a normal distribution, in medians of its absolute values. */
const NORMAL = 1.4826;
/** The variance of the estimate of few values, in variances of their mean. */
const HODGES_LEHMANN = 1.1;

function squares(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
}
