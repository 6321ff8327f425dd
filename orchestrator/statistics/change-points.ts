import { mean, studentT } from './student-t.ts';

export interface ChangePoint {
  /** The first value after the change. */
  readonly index: number;
  /** Two-sided, of Student's t between the values before and after it, up to the next change points. */
  readonly p: number;
  readonly before: number;
  readonly after: number;
}

export interface ChangePointSettings {
  /** The series is looked at through windows of this length, each half a length further on. */
  readonly window: number;
  readonly maxP: number;
  /** Smaller changes are left out: 0.05 is 5 %, of the smaller of both means. */
  readonly minMagnitude: number;
  /**
   * When a weak change point is dropped, Otava (1ceb1537) looks again at the two after it, not at the one before it, whose evidence has
   * changed, too. For its golden answers only.
   */
  readonly asOtava?: boolean;
}

/**
 * Where a series changed: E-divisive (Matteson and James, arXiv 1306.4933) with a t-test in place of permutations, windows, and weak change
 * points that are joined again (Fleming and others, "Hunter", arXiv 2301.03034), as Apache Otava describes in its docs/MATH.md. The same
 * series has the same change points. Takes O(window² × length) steps.
 */
export function changePoints(
  series: readonly number[],
  { window, ...settings }: ChangePointSettings,
): ChangePoint[] {
  return joinWeak(series, splitAll(series, window, relaxed(settings.maxP)), settings);
}

/** At the first look weaker evidence is enough: what hides another change is dropped later. */
function relaxed(maxP: number): number {
  if (maxP < 0.05) return maxP * 10;
  return maxP < 0.5 ? maxP * 2 : maxP;
}

/** The ends of the pieces between change points: 0, each index, the length. */
type Cuts = readonly number[];

function splitAll(series: readonly number[], window: number, maxP: number): ChangePoint[] {
  const step = Math.floor(window / 2);
  const found = new Set<number>();
  for (let start = 0; start < series.length; ) {
    const own = splitWindow(series.slice(start, start + window), maxP);
    for (const index of own) found.add(start + index);
    start = Math.max(own.length > 0 ? start + Math.max(...own) : 0, start + step);
  }
  const indexes = [...found].sort((a, b) => a - b);
  return indexes.map((index) => changeAt(series, index, [0, ...indexes, series.length]));
}

/** Splits the piece with the greatest divergence for as long as its two parts differ. */
function splitWindow(series: readonly number[], maxP: number): number[] {
  const found: number[] = [];
  for (;;) {
    const cuts = [0, ...found, series.length];
    let best: Candidate | null = null;
    for (let i = 0; i + 1 < cuts.length; i++) {
      const [from, to] = [cuts[i] as number, cuts[i + 1] as number];
      if (to - from < 2) continue;
      const candidate = mostDivergent(series, from, to);
      if (best === null || candidate.divergence > best.divergence) best = candidate;
    }
    if (best === null || !(changeAt(series, best.index, cuts).p <= maxP)) return found;
    found.push(best.index);
    found.sort((a, b) => a - b);
  }
}

interface Candidate {
  readonly index: number;
  readonly divergence: number;
}

/**
 * The split of series[from, to) with the greatest divergence Q between [from, tau) and [tau, kappa), over all tau < kappa <= to. With
 * n = tau - from and m = kappa - tau, and d the sums of distances between and within both parts:
 * Q = 2 / (m + n) · d(X, Y) - 2m / ((m + n)(n - 1)) · d(X) - 2n / ((m + n)(m - 1)) · d(Y).
 */
function mostDivergent(series: readonly number[], from: number, to: number): Candidate {
  const distance = (i: number, j: number) => Math.abs((series[i] as number) - (series[j] as number));
  // Where every split has a negative divergence, none is worth taking: the second split is what Otava names then.
  let best: Candidate = {
    index: Math.min(from + 2, to - 1),
    divergence: to - from > 2 ? 0 : Number.NEGATIVE_INFINITY,
  };
  let withinLeft = 0;
  for (let tau = from + 1; tau < to; tau++) {
    for (let i = from; i < tau - 1; i++) withinLeft += distance(i, tau - 1);
    let withinRight = 0;
    let across = 0;
    for (let kappa = tau + 1; kappa <= to; kappa++) {
      for (let i = from; i < tau; i++) across += distance(i, kappa - 1);
      for (let j = tau; j < kappa - 1; j++) withinRight += distance(j, kappa - 1);
      const [n, m] = [tau - from, kappa - tau];
      const left = n > 1 ? (2 * m * withinLeft) / ((m + n) * (n - 1)) : 0;
      const right = m > 1 ? (2 * n * withinRight) / ((m + n) * (m - 1)) : 0;
      const divergence = (2 * across) / (m + n) - left - right;
      if (divergence > best.divergence) best = { index: tau, divergence };
    }
  }
  return best;
}

/** Drops the weakest change point until all are significant and large enough. */
function joinWeak(
  series: readonly number[],
  weak: readonly ChangePoint[],
  { maxP, minMagnitude, asOtava = false }: Omit<ChangePointSettings, 'window'>,
): ChangePoint[] {
  let points = [...weak];
  while (points.length > 0) {
    let weakest = points.reduce((worst, one) => (one.p > worst.p ? one : worst));
    if (weakest.p < maxP) {
      weakest = points.reduce((least, one) => (magnitude(one) < magnitude(least) ? one : least));
      if (magnitude(weakest) > minMagnitude) return points;
    }
    const removed = points.indexOf(weakest);
    const rest = points.filter((one) => one !== weakest);
    // Its neighbours are now between longer pieces.
    const changed = asOtava ? [removed, removed + 1] : [removed - 1, removed];
    const cuts = [0, ...rest.map(({ index }) => index), series.length];
    points = rest.map((one, i) => (changed.includes(i) ? changeAt(series, one.index, cuts) : one));
  }
  return [];
}

/** What a change point is between the pieces on both sides of it. */
function changeAt(series: readonly number[], index: number, cuts: Cuts): ChangePoint {
  const from = Math.max(...cuts.filter((cut) => cut < index));
  const to = Math.min(...cuts.filter((cut) => cut > index));
  const [left, right] = [series.slice(from, index), series.slice(index, to)];
  return { index, p: difference(left, right), before: mean(left), after: mean(right) };
}

/** Student's t with one variance for both, two-sided. Otava's standard deviations divide by n, not by n - 1; so do these. */
function difference(left: readonly number[], right: readonly number[]): number {
  const freedom = left.length + right.length - 2;
  if (freedom < 1) return 1;
  const spread = (values: readonly number[]) => {
    const middle = mean(values);
    const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
    return ((values.length - 1) * squares) / values.length;
  };
  const error = Math.sqrt(((spread(left) + spread(right)) / freedom) * (1 / left.length + 1 / right.length));
  const apart = Math.abs(mean(left) - mean(right));
  if (error === 0) return apart === 0 ? 1 : 0;
  return 2 * studentT(-apart / error, freedom);
}

function magnitude({ before, after }: ChangePoint): number {
  const change = (from: number, to: number) => (from === 0 ? 0 : Math.abs(to / from - 1));
  return Math.max(change(before, after), change(after, before));
}
