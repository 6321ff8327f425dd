/**
 * The exact permutation test of two independent groups: among all ways to deal the values out into groups of these sizes, how large is the
 * share with a difference of means (second minus first) at least, and at most, as large as the one seen? As scipy.stats.permutation_test
 * with all permutations. Ties count against rejection. 5 + 5 values have 252 ways, 10 + 10 have 184,756.
 */
export function permuteGroups(
  first: readonly number[],
  second: readonly number[],
): { greater: number; less: number; ways: number } {
  const values = [...first, ...second];
  const observed = second.reduce((total, value) => total + value, 0);
  // Sums in another order differ in their last bits: equal splits must stay equal.
  const slack = 1e-12 * values.reduce((total, value) => total + Math.abs(value), 0);
  let [ways, atLeast, atMost] = [0, 0, 0];
  const deal = (from: number, left: number, total: number): void => {
    if (left === 0) {
      ways += 1;
      if (total >= observed - slack) atLeast += 1;
      if (total <= observed + slack) atMost += 1;
      return;
    }
    for (let i = from; i <= values.length - left; i++) deal(i + 1, left - 1, total + (values[i] as number));
  };
  deal(0, second.length, 0);
  return { greater: atLeast / ways, less: atMost / ways, ways };
}

/** In how many ways the values can be dealt out: the smallest p-value there can be is one over it. */
export function waysToDeal(first: number, second: number): number {
  let ways = 1;
  for (let i = 1; i <= second; i++) ways = (ways * (first + i)) / i;
  return Math.round(ways);
}
