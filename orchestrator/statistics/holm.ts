/**
 * Holm's adjusted p-values, in the order of the input: reject where the adjusted one is at most the family's alpha, and at most that
 * share of families has any false rejection, whatever depends on what. The j-th smallest of m is multiplied by m - j + 1, and never
 * falls below those before it (Holm, Scandinavian Journal of Statistics 1979).
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => (pValues[a] as number) - (pValues[b] as number));
  const adjusted = new Array<number>(pValues.length);
  let before = 0;
  for (const [j, i] of order.entries()) {
    before = Math.max(before, Math.min(1, (pValues[i] as number) * (pValues.length - j)));
    adjusted[i] = before;
  }
  return adjusted;
}
