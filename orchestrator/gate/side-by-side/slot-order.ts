import { seededRandom } from '../../statistics/random.ts';

export type Side = 'baseline' | 'candidate';

/** The order of one start: pairs that warm both sides up, then those that are compared. */
export function startOrder(
  { length, warmUp }: { readonly length: number; readonly warmUp: number },
  pairs: number,
  seed: number,
): { readonly order: readonly Side[]; readonly warmUp: number } {
  const warming = warmUpSlots({ length, warmUp });
  // A seed of its own, so that a longer warm-up leaves the order of what is compared as it is.
  return {
    order: [...slotOrder(warming / 2, ~seed), ...slotOrder(pairs, seed)],
    warmUp: warming,
  };
}

/** Whole pairs, at least as long as asked for. */
export function warmUpSlots({
  length,
  warmUp,
}: {
  readonly length: number;
  readonly warmUp: number;
}): number {
  return 2 * Math.ceil(warmUp / (2 * length));
}

/**
 * Which side each slot is for. The two slots of a pair follow each other, in an order that the seed draws; of every four pairs two begin with
 * the baseline, so that a drift of the machine does not add up on one side.
 */
export function slotOrder(pairs: number, seed: number): Side[] {
  const random = seededRandom(seed);
  const order: Side[] = [];
  let left: boolean[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    if (left.length === 0) left = [true, true, false, false];
    const [baselineFirst] = left.splice(Math.floor(random() * left.length), 1);
    order.push(
      ...(baselineFirst ? (['baseline', 'candidate'] as const) : (['candidate', 'baseline'] as const)),
    );
  }
  return order;
}
