import { seededRandom } from '../orchestrator/statistics/random.ts';

/** What the machine, the network and the target's own life add to the durations. */
export const noises = [
  'independent',
  'autocorrelated',
  'bursts',
  'level steps',
  'bimodal',
  'GC pauses',
  'drift',
  'warm-up',
  'coarse clock',
  'all together',
] as const;
export type Noise = (typeof noises)[number];

/** What is worse about the candidate. */
export interface Harm {
  /** All durations times this. */
  readonly factor?: number;
  /** So much is added to one request in a hundred. */
  readonly slowPercentMs?: number;
  /** One request in so many fails. */
  readonly failsOneIn?: number;
  /** Grows by this share of itself over the session, in both sides alike: a leak. */
  readonly leak?: number;
}

/** Durations in ms (and 0 or 1 for failed) of the requests of each slot, in pairs. */
export interface Session {
  readonly baseline: number[][];
  readonly candidate: number[][];
  readonly baselineFailed: number[][];
  readonly candidateFailed: number[][];
}

export const PAIRS = 25;
export const SLOT_S = 2;
const DROPPED_S = 0.5;
const RATE = 300;
const PLAIN_MS = 20;

/** `one after the other`: the same number of slots, first all of the baseline, then all of the candidate, as two runs would be. */
export type Design = 'side by side' | 'one after the other';

/**
 * A session of measuring as `squall gate` does it: slots of 2 s in pairs, in random order, 300 requests a second, the first half second of
 * each slot dropped; the noise belongs to the time, not to the side.
 */
export function session(noise: Noise, harm: Harm, seed: number, design: Design = 'side by side'): Session {
  return asRead(noise, drawn(noise, harm, seed, design));
}

/** The session without harm, and the same once for each factor on all durations of the candidate: drawn only once. */
export function shiftedSessions(
  noise: Noise,
  factors: readonly number[],
  seed: number,
  design: Design = 'side by side',
): Session[] {
  const plain = drawn(noise, {}, seed, design);
  return factors.map((factor) =>
    asRead(noise, { ...plain, candidate: plain.candidate.map((slot) => slot.map((ms) => ms * factor)) }),
  );
}

/** As the clock of this noise shows it. */
function asRead(noise: Noise, { baseline, candidate, ...failed }: Session): Session {
  if (noise !== 'coarse clock' && noise !== 'all together') return { baseline, candidate, ...failed };
  const whole = (slots: number[][]) => slots.map((slot) => slot.map(Math.round));
  return { baseline: whole(baseline), candidate: whole(candidate), ...failed };
}

function drawn(noise: Noise, harm: Harm, seed: number, design: Design): Session {
  const random = seededRandom(seed);
  const target = targetOf(noise, random);
  const result: Session = { baseline: [], candidate: [], baselineFailed: [], candidateFailed: [] };
  for (let pair = 0; pair < PAIRS; pair++) {
    const candidateFirst = random() < 0.5;
    for (const second of [false, true]) {
      const isCandidate =
        design === 'side by side' ? candidateFirst !== second : 2 * pair + Number(second) >= PAIRS;
      const from = (2 * pair + Number(second)) * SLOT_S;
      const [durations, failed]: [number[], number[]] = [[], []];
      for (let i = 0; i < SLOT_S * RATE; i++) {
        const inSlot = i / RATE;
        const ms = harmed(target(from + inSlot, inSlot), isCandidate ? harm : {}, random);
        const leaked = ms * (1 + ((harm.leak ?? 0) * (from + inSlot)) / (2 * PAIRS * SLOT_S));
        const fails = isCandidate && harm.failsOneIn !== undefined && random() < 1 / harm.failsOneIn;
        if (inSlot < DROPPED_S) continue;
        durations.push(leaked);
        failed.push(fails ? 1 : 0);
      }
      result[isCandidate ? 'candidate' : 'baseline'].push(durations);
      result[isCandidate ? 'candidateFailed' : 'baselineFailed'].push(failed);
    }
  }
  return result;
}

/** The duration of one request of the candidate. */
export function harmed(ms: number, { factor = 1, slowPercentMs }: Harm, random: () => number): number {
  const slow = slowPercentMs !== undefined && random() < 0.01 ? slowPercentMs : 0;
  return ms * factor + slow;
}

/** Durations by the second of the session and the second of the slot; asked in order. */
function targetOf(noise: Noise, random: () => number): (atS: number, inSlotS: number) => number {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const wait = (meanS: number) => -Math.log(1 - random()) * meanS;
  const has = (kind: Noise) => noise === kind || noise === 'all together';
  const dt = 1 / RATE;
  const base = noise === 'coarse clock' ? 5 : PLAIN_MS;
  let [wander, wanderOfShare, step] = [0, 0, 0];
  let [nextStep, burst, pause] = [wait(20), { from: wait(15), until: 0 }, { from: wait(3), until: 0 }];
  burst.until = burst.from + wait(1.5);
  pause.until = pause.from + pauseS();
  const phase = random() * 2 * Math.PI;
  return (atS, inSlotS) => {
    wander = next(wander, 0.1, 5);
    wanderOfShare = next(wanderOfShare, 0.4, 10);
    if (atS >= nextStep) [step, nextStep] = [0.08 * studentT3(), atS + wait(20)];
    if (atS >= burst.until) {
      const from = atS + wait(15);
      burst = { from, until: from + wait(1.5) };
    }
    if (atS >= pause.until) {
      const from = atS + wait(3);
      pause = { from, until: from + pauseS() };
    }
    let ms = base * Math.exp(0.35 * normal());
    if (has('autocorrelated')) ms *= Math.exp(wander);
    if (has('bursts') && atS >= burst.from) ms *= 3;
    if (has('level steps')) ms *= Math.exp(step);
    if (has('bimodal') && random() < 0.06 * Math.exp(wanderOfShare)) ms *= 5;
    if (has('GC pauses') && atS >= pause.from) ms += (pause.until - atS) * 1000;
    if (has('drift')) ms *= 1 + 0.25 * Math.sin(phase + (2 * Math.PI * atS) / (2 * PAIRS * SLOT_S));
    if (has('warm-up')) ms *= 1 + Math.exp(-inSlotS / 0.3);
    return ms;
  };

  function next(value: number, sd: number, correlationS: number): number {
    const keep = Math.exp(-dt / correlationS);
    return keep * value + sd * Math.sqrt(1 - keep * keep) * normal();
  }

  function pauseS(): number {
    return 0.04 + 0.08 * random();
  }

  /** Heavy tails, cut so that a step stays within a factor of two. */
  function studentT3(): number {
    const t = normal() / Math.sqrt((normal() ** 2 + normal() ** 2 + normal() ** 2) / 3);
    return Math.max(-8, Math.min(8, t));
  }
}
