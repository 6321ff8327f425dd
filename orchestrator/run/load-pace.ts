import type { Span } from '../../chaos/provider.ts';
import type { LiveTick } from '../samples/types.ts';

/** When the requests of all loads were made, by the second. */
export interface LoadPace {
  tick(load: number, tick: Pick<LiveTick, 'seconds'>): void;
  /**
   * By when this share of the requests of a span had been made, epoch ms. Where none is known, as if they had come evenly: what the
   * last ticks have not told yet, and what is long ago.
   */
  madeBy(span: Span, share: number): number;
}

/** As long ago as a fault's steady window reaches, with room to spare. */
const KEPT_SECONDS = 60;

export function createLoadPace(): LoadPace {
  const loads = new Map<number, Map<number, number>>();
  return {
    tick(load, { seconds = [] }) {
      const known = loads.get(load) ?? new Map<number, number>();
      loads.set(load, known);
      for (const { second, requests } of seconds) known.set(second, requests);
      const newest = Math.max(...known.keys());
      for (const second of known.keys()) if (second < newest - KEPT_SECONDS) known.delete(second);
    },
    madeBy({ from, to }, share) {
      const made = secondsIn(from, to);
      const all = made.reduce((sum, { requests }) => sum + requests, 0);
      if (all === 0) return from + share * (to - from);
      let before = 0;
      for (const { second, requests } of made) {
        if (requests > 0 && before + requests >= share * all) {
          const at = (second + (share * all - before) / requests) * 1_000;
          return Math.min(to, Math.max(from, at));
        }
        before += requests;
      }
      return to;
    },
  };

  /** Whole seconds, in order. */
  function secondsIn(from: number, to: number): { second: number; requests: number }[] {
    const first = Math.ceil(from / 1_000);
    const count = Math.max(0, Math.floor(to / 1_000) - first);
    return Array.from({ length: count }, (_, index) => {
      const second = first + index;
      const requests = [...loads.values()].reduce((sum, known) => sum + (known.get(second) ?? 0), 0);
      return { second, requests };
    });
  }
}
