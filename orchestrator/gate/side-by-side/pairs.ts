/** The pairs of which both slots were seen: slots 0 and 1, 2 and 3, … of each start. */
export function pairsOf(starts: readonly ReadonlyMap<number, Taken & { readonly side: string }>[]): Pair[] {
  return starts.flatMap((slots, start) => {
    const pairs: Pair[] = [];
    const last = Math.max(-1, ...slots.keys());
    for (let number = 0; number <= last; number += 2) {
      const two = [slots.get(number), slots.get(number + 1)];
      const baseline = two.find((slot) => slot?.side === 'baseline');
      const candidate = two.find((slot) => slot?.side === 'candidate');
      if (baseline !== undefined && candidate !== undefined) pairs.push({ start, baseline, candidate });
    }
    return pairs;
  });
}

export interface Taken {
  readonly durations: number[];
  readonly failed: number[];
}

export interface Pair {
  readonly start: number;
  readonly baseline: Taken;
  readonly candidate: Taken;
}

export function hasAnswers({ baseline, candidate }: Pair): boolean {
  return baseline.durations.length > 0 && candidate.durations.length > 0;
}
