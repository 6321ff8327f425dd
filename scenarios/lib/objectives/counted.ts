import { samplesOf } from '../../../thresholds/k6-names.ts';
import { Counter, Rate, Trend } from '../runtime/k6.ts';

/**
 * Metrics that tell "none" from "nothing measured": each `x` comes with a counter `x_samples`, because k6 passes a threshold on a
 * metric without samples. k6-thresholds.ts pairs every threshold with that counter.
 */
export interface Counted {
  add(value: number | boolean, tags?: Record<string, string>): void;
}

/** Durations in milliseconds. */
export const countedTrend = (name: string): Counted => counted(name, new Trend(name, true));
/** Plain numbers, such as bytes. */
export const countedValues = (name: string): Counted => counted(name, new Trend(name));
export const countedRate = (name: string): Counted => counted(name, new Rate(name));
/** A sum; add 0 where an event could have happened and did not. */
export const countedCounter = (name: string): Counted => counted(name, new Counter(name));

const counted = (
  name: string,
  metric: { add(value: number | boolean, tags?: Record<string, string>): void },
): Counted => {
  const samples = new Counter(samplesOf(name));
  return {
    add(value, tags) {
      metric.add(value, tags);
      samples.add(1, tags);
    },
  };
};
