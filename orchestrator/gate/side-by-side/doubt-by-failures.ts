import { many } from '../../objectives/number-text.ts';
import { compareRates } from '../../statistics/binomial.ts';
import { signedRank } from '../../statistics/signed-rank.ts';
import { countOf, inBunches, SMALLEST_SHARE } from '../decision/by-rate.ts';
import { sumOf } from '../decision/measure.ts';
import type { Pair, Taken } from './pairs.ts';

/**
 * Why failures of one side make its percentiles prove nothing, where the errors themselves could not be told: they are those of the requests that
 * survived. Failures of both sides alike are those of the machine or the network, and say nothing.
 * @param alpha the chance of a doubt when nothing has changed
 * @returns null: none
 */
export function doubtByFailures(pairs: readonly Pair[], alpha: number): string | null {
  return silenceOf(pairs, alpha) ?? excessOf(pairs, alpha);
}

/** Whole slots of one side without a good answer, of which the other side has no such number. */
function silenceOf(pairs: readonly Pair[], alpha: number): string | null {
  const all = countOf(pairs.flatMap(({ baseline, candidate }) => [baseline.failed, candidate.failed]));
  // Of few requests all may fail by chance.
  const isSilent = ({ durations, failed }: Taken) =>
    durations.length === 0 && 2 * pairs.length * Math.min(1, all.events / all.of) ** failed.length < alpha;
  const silent = (side: 'baseline' | 'candidate', other: 'baseline' | 'candidate') =>
    pairs.filter((pair) => isSilent(pair[side]) && pair[other].durations.length > 0).length;
  const counts = {
    baseline: silent('baseline', 'candidate'),
    candidate: silent('candidate', 'baseline'),
  };
  const [side, other] =
    counts.candidate >= counts.baseline
      ? (['candidate', 'baseline'] as const)
      : (['baseline', 'candidate'] as const);
  if (counts[side] <= 2 * counts[other]) return null;
  return `the ${side} gave no good answer in ${counts[side]} of ${many(pairs.length, 'pair')} in which the ${other} did`;
}

/** More failures of the candidate than chance makes. In bunches they do not count for themselves: then the pair is the unit. */
function excessOf(pairs: readonly Pair[], alpha: number): string | null {
  const sides = {
    baseline: pairs.map(({ baseline }) => baseline.failed),
    candidate: pairs.map(({ candidate }) => candidate.failed),
  };
  const [before, now] = [countOf(sides.baseline), countOf(sides.candidate)];
  if (now.events / now.of - before.events / before.of <= SMALLEST_SHARE) return null;
  const isBunched = inBunches(sides.baseline) || inBunches(sides.candidate);
  const shares = pairs.map(({ baseline, candidate }) => shareOf(candidate) - shareOf(baseline));
  const { greater } = isBunched ? signedRank(shares) : compareRates(before, now, alpha);
  if (greater > alpha) return null;
  return `of the candidate ${now.events} of ${now.of} requests failed, of the baseline ${before.events} of ${before.of}`;
}

function shareOf({ failed }: Taken): number {
  return sumOf(failed) / failed.length;
}
