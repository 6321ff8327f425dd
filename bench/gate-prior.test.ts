import { expect, test } from 'vitest';
import { PRIOR } from '../orchestrator/gate/decision/by-start.ts';
import { decide } from '../orchestrator/gate/decision/decide.ts';
import { binomialAtLeast } from '../orchestrator/statistics/binomial.ts';
import { seededRandom } from '../orchestrator/statistics/random.ts';
import {
  byPrior,
  CANDIDATES,
  chosenAndJudged,
  crossValidated,
  foundBy,
  SHIFTS,
  type Split,
  sum,
} from './gate-prior.ts';

// The short, seeded version of "The gate on published starts" in BENCHMARKS.md, on starts as far apart as those.
const BENCHMARKS = 600;

test('at most 1 % false alarms of five starts against five; with a variance that is not theirs far more', () => {
  const splits = drawn(BENCHMARKS, 5);
  const all = splits.map(({ benchmark }) => benchmark);
  const ours = sum(foundBy(PRIOR, splits), all);
  for (const count of [ours.regressed[0] as number, ours.improved])
    expect(binomialAtLeast(count, ours.of, 0.01)).toBeGreaterThan(0.01);
  expect(ours.regressed[2]).toBeGreaterThan(0.6 * ours.of);
  // Known to be wrong: that all starts differ by 1 %, as if that had been measured a hundred times.
  const wrong = sum(foundBy({ weight: 100, sd: 0.01 }, splits), all);
  expect(binomialAtLeast(wrong.regressed[0] as number, wrong.of, 0.01)).toBeLessThan(0.01);
  // And that they differ by 20 %: it finds nothing.
  const careful = sum(foundBy({ weight: 100, sd: 0.2 }, splits), all);
  expect(careful.regressed[2]).toBeLessThan(0.6 * careful.of);
});

test('it counts what squall gate decide answers', () => {
  for (const split of drawn(20, 7)) {
    const [baseline, candidate] = [split.baseline, split.candidate].map((side) =>
      side.map((log) => [Math.exp(log)]),
    ) as [number[][], number[][]];
    const criteria = {
      measure: 'throughput' as const,
      alpha: 0.01,
      smallest: { ratio: 0.05, absoluteMs: 0 },
    };
    const answers = SHIFTS.map((shift) => {
      // Of a throughput more is better, so that the sides change places.
      const slower = candidate.map((start) => start.map((value) => value * (1 + shift)));
      return decide('start', { baseline: slower, candidate: baseline }, criteria).answer;
    });
    const [found] = foundBy(PRIOR, [{ ...split, benchmark: 0 }]);
    expect(answers.map((answer) => Number(answer === 'regressed'))).toEqual(found?.regressed);
  }
});

test('what is known beforehand is judged on benchmarks that it was not chosen on', () => {
  // On the first half starts hardly differ, on the second they differ by 10 %.
  const half = BENCHMARKS / 2;
  const splits = drawn(BENCHMARKS, 9, (benchmark) => (benchmark < half ? 0.005 : 0.1));
  const [calm, wild] = [0, half].map((from) => Array.from({ length: half }, (_, i) => from + i)) as [
    number[],
    number[],
  ];
  const all = byPrior(splits);
  const share = (chosenOn: number[], judgedOn: number[]) => {
    const { found } = chosenAndJudged(all, chosenOn, judgedOn);
    expect(found.of).toBe(half);
    return ((found.regressed[0] as number) + found.improved) / 2 / half;
  };
  // More than on any that it was chosen on.
  expect(share(calm, wild)).toBeGreaterThan(0.0075);
  expect(share(wild, calm)).toBe(0);
  const halvings = crossValidated(splits, 2, seededRandom(1));
  expect(halvings.map(({ prior, found }) => [CANDIDATES.includes(prior), found.of])).toEqual(
    new Array(4).fill([true, half]),
  );
});

/** One split of each benchmark. Left out: starts differ by 3 % in the middle, by 11 % at the 90th percentile. */
function drawn(benchmarks: number, seed: number, sdOf?: (benchmark: number) => number): Split[] {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: benchmarks }, (_, benchmark) => {
    const sd = sdOf?.(benchmark) ?? 0.03 * Math.exp(normal());
    const side = () => Array.from({ length: 5 }, () => 3 + sd * normal());
    return { benchmark, baseline: side(), candidate: side(), noise: 0 };
  });
}
