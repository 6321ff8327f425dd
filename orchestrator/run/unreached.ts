import type { JournalEvent } from '../journal/events.ts';
import { many, readableMs } from '../objectives/number-text.ts';
import type { LiveTick } from '../samples/types.ts';

/** Knows whether a run has no target: no load has ever had an answer, and no fault can be to blame. */
export interface UnreachedWatch {
  tick(load: number, tick: LiveTick): void;
  event(event: JournalEvent): void;
  /** What to say of it; null when somebody answered, or may still answer. */
  told(): string | null;
}

/** @param loads how many there are: one that has not begun, or is over, may have an answer */
export function watchUnreached(loads: number): UnreachedWatch {
  const newest = new Map<number, LiveTick['unreached']>();
  let isFaulty = false;
  return {
    tick: (load, { unreached }) => void newest.set(load, unreached),
    event({ type }) {
      if (type === 'fault-injecting') isFaulty = true;
    },
    told() {
      const [first] = newest.values();
      if (isFaulty || !first || newest.size < loads || ![...newest.values()].every(Boolean)) return null;
      return `not one of the first ${many(first.requests, 'request')} was answered, for ${readableMs(first.forMs)}: ${first.why}`;
    },
  };
}
