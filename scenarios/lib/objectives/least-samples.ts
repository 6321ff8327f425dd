import { numberFrom, wholeNumber } from '../runtime/env.ts';

/** `-e MIN_SAMPLES` lowers how many samples are needed, for short trials. It never raises them. */
export const leastSamples = (needed: number): number =>
  Math.min(needed, numberFrom('MIN_SAMPLES', needed, wholeNumber));
