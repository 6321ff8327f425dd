import { createMeter, type Meter } from '../../objectives/meter.ts';
import { createHistogram, type Histogram } from '../../statistics/histogram.ts';

/** What ended in one second. `second` counts from the epoch; -1 before the slot was used. */
export interface Second {
  second: number;
  good: number;
  failed: number;
  dropped: number;
  histogram: Histogram;
  /** One per objective that is watched. */
  meters: Meter[];
}

/** The newest seconds of a run, in as many slots as the longest window needs. */
export interface Seconds {
  /** The slot to count an event at this time (epoch ms) in; null when it has been given to a later second. */
  slotAt(time: number): Second | null;
  /** Null when nothing was counted in that second, or it is too long ago. */
  get(second: number): Second | null;
  between(from: number, to: number): readonly Second[];
  readonly length: number;
}

export function createSeconds(length: number, meters: number): Seconds {
  const slots = Array.from({ length }, () => newSecond(meters));
  const slotOf = (second: number) => slots[second % length] as Second;
  return {
    length,
    slotAt(time) {
      const second = Math.floor(time / 1000);
      const slot = slotOf(second);
      if (slot.second === second) return slot;
      if (slot.second > second) return null;
      Object.assign(slot, newSecond(meters), { second });
      return slot;
    },
    get(second) {
      const slot = slotOf(second);
      return slot.second === second ? slot : null;
    },
    between: (from, to) =>
      slots
        .filter(({ second }) => second >= from && second <= to)
        .sort((one, other) => one.second - other.second),
  };
}

function newSecond(meters: number): Second {
  return {
    second: -1,
    good: 0,
    failed: 0,
    dropped: 0,
    histogram: createHistogram(),
    meters: Array.from({ length: meters }, createMeter),
  };
}
