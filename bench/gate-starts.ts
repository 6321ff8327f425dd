import type { SuiteComparison } from '../chaos/schema/suite.ts';
import type { Between } from '../orchestrator/gate/calibration/calibration.ts';
import type { Compared } from '../orchestrator/gate/side-by-side/compare-slots.ts';
import { earlyLook, lastLook } from '../orchestrator/gate/side-by-side/looks.ts';
import type { Slots } from '../orchestrator/gate/side-by-side/read-slots.ts';
import { slotOrder } from '../orchestrator/gate/side-by-side/slot-order.ts';
import { seededRandom } from '../orchestrator/statistics/random.ts';

/** What a start of the target is like: slower by this factor, so many seconds after it, or all the time. */
export const targetKinds = {
  'starts that differ by 2 %': ({ normal }: Draws) => always(Math.exp(0.02 * normal())),
  leaky: () => (s: number) => 1 + (0.5 * s) / START_S,
  'slow-starting': () => (s: number) => 1 + 2 * Math.exp(-s / 4),
  'bimodal, 30 % apart': ({ coin }: Draws) => always(coin() ? 1.3 : 1),
  'bimodal, 60 % apart': ({ coin }: Draws) => always(coin() ? 1.6 : 1),
} as const;
export type TargetKind = keyof typeof targetKinds;

export const STARTS = 4;
const PAIRS_OF_START = 7;
const SLOT_S = 2;
const START_S = 2 * PAIRS_OF_START * SLOT_S;
const RATE = 300;
const PLAIN_MS = 20;

/** As `chaos/suites/release.yaml` has it, but for the smallest difference in milliseconds. */
export const comparison: SuiteComparison = {
  name: 'gateway',
  script: 'load.js',
  vars: {},
  slots: { pairs: STARTS * PAIRS_OF_START, length: 1_000 * SLOT_S, warmUp: 10_000 },
  restarts: STARTS,
  smallest: { ratio: 0.05, absolute: 0 },
  blocks: true,
};

interface Draws {
  readonly normal: () => number;
  readonly coin: () => boolean;
}

export interface Measured {
  readonly baseline: TargetKind | 'steady';
  readonly candidate: TargetKind | 'steady';
  /** On all durations of the candidate. */
  readonly factor?: number;
  readonly seed: number;
}

/** The slots of some starts of both sides; the requests themselves are independent. */
export function measureStarts({ baseline, candidate, factor = 1, seed }: Measured): Slots[] {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const draws = { normal, coin: () => random() < 0.5 };
  const startOf = (kind: Measured['baseline']) => (kind === 'steady' ? always(1) : targetKinds[kind](draws));
  return Array.from({ length: STARTS }, (_, start) => {
    const own = { baseline: startOf(baseline), candidate: startOf(candidate) };
    const slots = slotOrder(PAIRS_OF_START, seed + start).map((side, number) => {
      const durations: number[] = [];
      for (let i = RATE * SLOT_S * 0.25; i < RATE * SLOT_S; i++) {
        const slower = own[side](number * SLOT_S + i / RATE) * (side === 'candidate' ? factor : 1);
        durations.push(PLAIN_MS * slower * Math.exp(0.35 * normal()));
      }
      return [number, { side, durations, failed: durations.map(() => 0) }] as const;
    });
    return new Map([['GET /', new Map(slots)]]);
  });
}

/** What `squall gate` answers, which looks after each start. */
export function decideByLooks(
  compared: SuiteComparison,
  starts: readonly Slots[],
  between: Between | null = null,
): Compared {
  for (let n = 1; n < starts.length; n++) {
    const early = earlyLook(compared, starts.slice(0, n), starts.length, between);
    if (early !== null) return early;
  }
  return lastLook(compared, starts, starts.length, between);
}

function always(factor: number): () => number {
  return () => factor;
}
