import { incompleteBeta } from './special.ts';

/** How much each of the sorted values counts, from the one with the index `first` on. The others count nothing. */
export interface RankWeights {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * The quantile of Harrell and Davis (Biometrika 69, 1982) of n sorted values: the mean of the ones near its rank, each weighted by how
 * likely it would be the quantile of n values drawn from the same source. As scipy.stats.mstats.hdquantiles, to twelve digits.
 * @param share 0.95 for p95; above 0 and below 1
 */
export function harrellDavis(n: number, share: number): RankWeights {
  const key = `${n} ${share}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const [a, b] = [(n + 1) * share, (n + 1) * (1 - share)];
  const below = (count: number) => incompleteBeta(count / n, a, b);
  const middle = Math.min(n - 1, Math.floor(share * n));
  const weights = [below(middle + 1) - below(middle)];
  let [first, last] = [middle, middle];
  for (let left = below(first); first > 0 && left > NEGLIGIBLE; first -= 1) {
    const next = below(first - 1);
    weights.unshift(left - next);
    left = next;
  }
  for (let reached = below(last + 1); last < n - 1 && 1 - reached > NEGLIGIBLE; last += 1) {
    const next = below(last + 2);
    weights.push(next - reached);
    reached = next;
  }
  const found = { first, weights: Float64Array.from(weights) };
  if (cache.size >= MOST_KEPT) cache.clear();
  cache.set(key, found);
  return found;
}

const NEGLIGIBLE = 1e-13;
/** Slots of one load have a few hundred different lengths. */
const MOST_KEPT = 2_000;
const cache = new Map<string, RankWeights>();
