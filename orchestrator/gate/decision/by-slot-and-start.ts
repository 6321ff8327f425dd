import { mean, studentT, studentTQuantile } from '../../statistics/student-t.ts';
import type { Evidence } from './answer.ts';
import { evidenceBySlot } from './by-slot.ts';
import { PRIOR, type Prior } from './by-start.ts';
import type { Criteria, Sides } from './comparison.ts';
import { logarithms, measured } from './measure.ts';

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
  const reach = studentTQuantile(criteria.alpha, starts.degreesOfFreedom) * starts.error;
  return {
    ...slots,
    low: Math.min(slots.low, starts.difference - reach),
    high: Math.max(slots.high, starts.difference + reach),
    p: Math.max(slots.p, p),
  };
}

/**
 * The mean over the starts of the mean difference of their pairs, and its error: the variance between starts is joined with twice (there are
 * two sides) the prior of a start, and never below the noise of the pairs.
 */
function betweenStarts(
  { baseline, candidate }: Sides,
  { measure }: Criteria,
  startOf: readonly number[],
  prior: Prior,
): { difference: number; error: number; degreesOfFreedom: number } {
  const logs = logarithms([...baseline, ...candidate].map((sample) => measured(sample, measure)));
  const groups = new Map<number, number[]>();
  for (const [i, start] of startOf.entries()) {
    const difference = (logs[baseline.length + i] as number) - (logs[i] as number);
    groups.set(start, [...(groups.get(start) ?? []), difference]);
  }
  const means = [...groups.values()].map(mean);
  const noise = mean(
    [...groups.values()].map((own) => squares(own) / Math.max(1, own.length - 1) / own.length),
  );
  const degreesOfFreedom = means.length - 1 + prior.weight;
  const spread = squares(means) + prior.weight * (2 * prior.sd ** 2 + 2 * noise);
  const variance = Math.max(spread / degreesOfFreedom, noise);
  return { difference: mean(means), error: Math.sqrt(variance / means.length), degreesOfFreedom };
}

function squares(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
}
