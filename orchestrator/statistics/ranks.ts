/** Ranks from 1; equal values share the mean of their ranks (mid-ranks), as scipy.stats.rankdata does. */
export function midRanks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1] as number] === values[order[from] as number]) to++;
    for (let i = from; i <= to; i++) ranks[order[i] as number] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return ranks;
}
