/** A stretch between two moments, epoch milliseconds. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** The gaps between each of these moments and the next, in whatever order the moments are given. */
export function gapsOf(moments: readonly number[]): Gap[] {
  const sorted = [...moments].sort((a, b) => a - b);
  return sorted.slice(1).map((to, i) => ({ from: sorted[i] as number, to }));
}
