import { binomialAtLeast, binomialAtMost, type Count, compareRates } from '../../statistics/binomial.ts';
import { inverse } from '../../statistics/special.ts';
import type { Evidence } from './answer.ts';
import type { Criteria, Sample, Sides } from './comparison.ts';
import { sumOf } from './measure.ts';

/**
 * What the counts show of failed requests of slots, starts or runs (1 failed, 0 not). While they are spread over these as chance would,
 * every request counts for itself: the conditional binomial test. Failures that come in bunches are compared unit by unit: `instead`.
 */
export function evidenceByRate(sides: Sides, criteria: Criteria, instead: () => Evidence): Evidence {
  const [baseline, candidate] = [countOf(sides.baseline), countOf(sides.candidate)];
  if (inBunches(sides.baseline) || inBunches(sides.candidate)) return instead();
  const test = compareRates(baseline, candidate, criteria.alpha);
  // Half a failure more on both sides keeps the ratio finite when one of them has none.
  const [a, b] = [(baseline.events + 0.5) / (baseline.of + 1), (candidate.events + 0.5) / (candidate.of + 1)];
  const bare = baseline.events > 0 && candidate.events > 0;
  const estimate = Math.log(bare ? test.ratio : b / a);
  const apart = Math.max(
    highest(candidate, criteria.alpha) - lowest(baseline, criteria.alpha),
    highest(baseline, criteria.alpha) - lowest(candidate, criteria.alpha),
  );
  const counts = `${candidate.events} of ${candidate.of} failed, ${baseline.events} of ${baseline.of} before`;
  const [low, high] = [Math.log(test.low), Math.log(test.high)];
  const negligible = `${counts}: at most ${(100 * apart).toFixed(2)} % of all requests apart`;
  return {
    estimate,
    low,
    high,
    narrow: { low, high },
    p: estimate >= 0 ? test.greater : test.less,
    units: Math.min(sides.baseline.length, sides.candidate.length),
    baseline: baseline.events / baseline.of,
    candidate: candidate.events / candidate.of,
    ...(apart < SMALLEST_SHARE ? { negligible } : {}),
  };
}

/** Shares that differ by less than one request in a thousand are the same. */
export const SMALLEST_SHARE = 0.001;

export function countOf(samples: readonly Sample[]): Count {
  return samples.reduce<Count>(
    ({ events, of }, sample) => ({ events: events + sumOf(sample), of: of + sample.length }),
    { events: 0, of: 0 },
  );
}

/** The index of dispersion, by Wilson and Hilferty's normal approximation of chi-square, at 1 %. */
export function inBunches(samples: readonly Sample[]): boolean {
  const { events, of } = countOf(samples);
  const freedom = samples.length - 1;
  if (events === 0 || freedom < 1) return false;
  const chiSquare = samples.reduce((sum, sample) => {
    const expected = (events / of) * sample.length;
    return sum + (sumOf(sample) - expected) ** 2 / (expected * (1 - events / of) || 1);
  }, 0);
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(chiSquare / freedom) - (1 - spread)) / Math.sqrt(spread) > 2.326;
}

/** Clopper and Pearson's bounds of a share. */
function highest({ events, of }: Count, alpha: number): number {
  return events === of ? 1 : inverse((p) => 1 - binomialAtMost(events, of, p), 1 - alpha, [0, 1]);
}

function lowest({ events, of }: Count, alpha: number): number {
  return inverse((p) => binomialAtLeast(events, of, p), alpha, [0, 1]);
}
