import { seededRandom } from '../../statistics/random.ts';

export type Side = 'baseline' | 'candidate';

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
