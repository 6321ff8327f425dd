import { numberFrom, wholeNumber } from '../runtime/env.ts';

/** `-e MIN_SAMPLES` lowers what a claim needs, for short trials; it never asks for more. */
export const leastSamples = (needed: number): number =>
  Math.min(needed, numberFrom('MIN_SAMPLES', needed, wholeNumber));
