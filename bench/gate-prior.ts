import { differenceOf, type Prior } from '../orchestrator/gate/decision/by-start.ts';
import { studentT } from '../orchestrator/statistics/student-t.ts';

/** Some starts of a benchmark against others of it: logarithms of their p95. */
export interface Split {
  /** Its number, from 0. */
  readonly benchmark: number;
  readonly baseline: readonly number[];
  readonly candidate: readonly number[];
  /** The variance of such a logarithm that comes from within a start. */
  readonly noise: number;
}

/** What is added to the candidate; nothing in the first one. */
export const SHIFTS = [0, 0.05, 0.1, 0.2] as const;
const ALPHA = 0.01;
const SMALLEST = Math.log(1.05);

/** From what the prior is chosen: on some benchmarks, by what it finds there. */
export const CANDIDATES: readonly Prior[] = [1, 2, 3, 4, 6, 8].flatMap((weight) =>
  [0.01, 0.02, 0.03, 0.045, 0.06].map((sd) => ({ weight, sd })),
);
/** One of 1 % is allowed: a quarter of that is left for what other benchmarks may be like. */
const MOST_FALSE = 0.0075;

/** How many of so many decisions say `regressed` at each shift, and `improved` where nothing was added. */
export interface Found {
  readonly of: number;
  readonly regressed: readonly number[];
  readonly improved: number;
}

/** By the number of the benchmark. */
export function foundBy(prior: Prior, splits: readonly Split[]): Found[] {
  const found: { of: number; regressed: number[]; improved: number }[] = [];
  for (const { benchmark, baseline, candidate, noise } of splits) {
    const own = found[benchmark] ?? { of: 0, regressed: SHIFTS.map(() => 0), improved: 0 };
    found[benchmark] = own;
    own.of += 1;
    const { estimate, error, degreesOfFreedom } = differenceOf(baseline, candidate, noise, prior);
    const isBeyond = (difference: number) =>
      difference >= SMALLEST && studentT(-difference / error, degreesOfFreedom) <= ALPHA;
    for (const [i, shift] of SHIFTS.entries())
      own.regressed[i] = (own.regressed[i] as number) + Number(isBeyond(estimate + Math.log1p(shift)));
    own.improved += Number(isBeyond(-estimate));
  }
  return found;
}

export interface Halving {
  readonly prior: Prior;
  /** On the other half. */
  readonly found: Found;
}

/**
 * Chooses a prior on one half of the benchmarks and judges it on the other, and the other way round, for so many random halves: among those
 * with at most 0.75 % false alarms, what finds most of +10 %.
 */
export function crossValidated(splits: readonly Split[], halves: number, random: () => number): Halving[] {
  const all = byPrior(splits);
  const benchmarks = [...new Set(splits.map(({ benchmark }) => benchmark))];
  const results: Halving[] = [];
  for (let half = 0; half < halves; half++) {
    const order = shuffled(benchmarks, random);
    const [one, other] = [order.slice(0, order.length >> 1), order.slice(order.length >> 1)];
    results.push(chosenAndJudged(all, one, other), chosenAndJudged(all, other, one));
  }
  return results;
}

/** What each of the candidates finds. */
export function byPrior(splits: readonly Split[]): OfPrior[] {
  return CANDIDATES.map((prior) => ({ prior, found: foundBy(prior, splits) }));
}

/** Both are numbers of benchmarks. */
export function chosenAndJudged(
  all: readonly OfPrior[],
  chosenOn: readonly number[],
  judgedOn: readonly number[],
): Halving {
  const { prior, found } = chosen(all, chosenOn);
  return { prior, found: sum(found, judgedOn) };
}

export interface OfPrior {
  readonly prior: Prior;
  readonly found: readonly Found[];
}

function chosen(all: readonly OfPrior[], benchmarks: readonly number[]): OfPrior {
  const rated = all.map((one) => {
    const { of, regressed, improved } = sum(one.found, benchmarks);
    return { one, wrong: ((regressed[0] as number) + improved) / 2 / of, right: regressed[2] as number };
  });
  const allowed = rated.filter(({ wrong }) => wrong <= MOST_FALSE);
  // If none is: the most careful one.
  const best =
    allowed.length > 0 ? allowed : [[...rated].sort((a, b) => a.wrong - b.wrong)[0] as (typeof rated)[0]];
  return best.reduce((a, b) => (b.right > a.right ? b : a)).one;
}

export function sum(found: readonly Found[], benchmarks: readonly number[]): Found {
  const own = benchmarks.map((benchmark) => found[benchmark] as Found);
  return {
    of: own.reduce((total, { of }) => total + of, 0),
    regressed: SHIFTS.map((_, i) => own.reduce((total, one) => total + (one.regressed[i] as number), 0)),
    improved: own.reduce((total, { improved }) => total + improved, 0),
  };
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}
