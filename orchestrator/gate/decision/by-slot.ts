import { many } from '../../objectives/number-text.ts';
import { hodgesLehmann } from '../../statistics/hodges-lehmann.ts';
import { signedRank } from '../../statistics/signed-rank.ts';
import { type Evidence, sameAlpha } from './answer.ts';
import type { Criteria, Sample, Sides } from './comparison.ts';
import { logsOf, measured, median, valuesNeeded } from './measure.ts';

/**
 * What short slots show that were measured in pairs, side by side, in random order: the exact signed-rank test of the logarithms of
 * their ratios (zeros dropped, as SciPy's `wilcox`), with the estimate and interval of Hodges and Lehmann.
 *
 * Pairs are joined with their neighbours until a slot has enough values for the percentile, and again while the ratios of neighbours
 * depend on each other, because the test takes them for independent.
 */
export function evidenceBySlot(sides: Sides, criteria: Criteria): Evidence {
  const { measure, alpha } = criteria;
  let pairs = joinUntil(sides, valuesNeeded(measure, BEYOND));
  let found = differencesOf(pairs, criteria);
  while (
    pairs.length > MOST_PAIRS ||
    (pairs.length >= 2 * FEWEST_PAIRS && lagOne(found.differences) > DEPENDENT)
  ) {
    pairs = joinTwos(pairs);
    found = differencesOf(pairs, criteria);
  }
  const { differences, baseline, candidate } = found;
  const { estimate, low, high } = hodgesLehmann(differences, alpha);
  const test = signedRank(differences);
  const doubt =
    pairs.length < FEWEST_PAIRS
      ? {
          reason: `${many(pairs.length, 'pair')} with enough values: it takes at least ${FEWEST_PAIRS}`,
          needs: Math.ceil((FEWEST_PAIRS * sides.baseline.length) / Math.max(1, pairs.length)),
        }
      : undefined;
  return {
    estimate,
    low,
    high,
    narrow: hodgesLehmann(differences, sameAlpha(alpha)),
    p: estimate >= 0 ? test.greater : test.less,
    units: pairs.length,
    baseline,
    candidate,
    ...(doubt === undefined ? {} : { doubt }),
  };
}

/** Below eight pairs the smallest p-value is above 0.004, out of reach for one of several comparisons. */
const FEWEST_PAIRS = 8;
/** The exact test takes n³/2 steps; more pairs than these are joined. */
const MOST_PAIRS = 400;
/** About this many values of a slot lie beyond the percentile. */
const BEYOND = 4;
/** Correlation of the ratios of neighbouring pairs above which they count as dependent. */
const DEPENDENT = 0.3;

interface Pair {
  readonly baseline: Sample;
  readonly candidate: Sample;
}

function joinUntil({ baseline, candidate }: Sides, values: number): Pair[] {
  const pairs: Pair[] = [];
  let open: Pair = { baseline: [], candidate: [] };
  for (const [i, sample] of baseline.entries()) {
    open = join(open, { baseline: sample, candidate: candidate[i] as Sample });
    if (open.baseline.length < values || open.candidate.length < values) continue;
    pairs.push(open);
    open = { baseline: [], candidate: [] };
  }
  const last = pairs.pop();
  // What is left over is too small for a pair of its own.
  return last === undefined ? [] : [...pairs, join(last, open)];
}

function joinTwos(pairs: readonly Pair[]): Pair[] {
  const joined: Pair[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const two = join(pairs[i] as Pair, pairs[i + 1] as Pair);
    // Of an odd number, the last joins the two before it.
    joined.push(i + 3 === pairs.length ? join(two, pairs[i + 2] as Pair) : two);
  }
  return joined;
}

function join(a: Pair, b: Pair): Pair {
  return {
    baseline: [...Array.from(a.baseline), ...Array.from(b.baseline)],
    candidate: [...Array.from(a.candidate), ...Array.from(b.candidate)],
  };
}

function differencesOf(
  pairs: readonly Pair[],
  { measure }: Criteria,
): { differences: number[]; baseline: number; candidate: number } {
  const samples = [...pairs.map((pair) => pair.baseline), ...pairs.map((pair) => pair.candidate)];
  const logs = logsOf(samples, measure);
  // A share of failures may be 0, which has no logarithm.
  const values =
    typeof measure === 'string' ? samples.map((sample) => measured(sample, measure)) : logs.map(Math.exp);
  return {
    differences: pairs.map((_, i) => (logs[pairs.length + i] as number) - (logs[i] as number)),
    baseline: median(values.slice(0, pairs.length)),
    candidate: median(values.slice(pairs.length)),
  };
}

function lagOne(values: readonly number[]): number {
  const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
  const away = values.map((value) => value - middle);
  const all = away.reduce((sum, value) => sum + value * value, 0);
  const neighbours = away.slice(1).reduce((sum, value, i) => sum + value * (away[i] as number), 0);
  return all === 0 ? 0 : neighbours / all;
}
