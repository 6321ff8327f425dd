import { now, sleep } from '../clock.ts';
import type { LiveTick } from '../samples/types.ts';

/** Keeps the newest reading of each load and says whether the steady state holds. */
export interface SteadyWatch {
  tick(load: number, tick: LiveTick): void;
  /** Waits, within bounds, for a reading that tells. Null when the steady state holds; else why not. */
  verdict(stop: AbortSignal): Promise<string | null>;
}

/** What steers the run must not be older than this; so long, too, a reading that cannot tell yet is waited for. */
const FRESH_MS = 2_000;
const POLL_MS = 50;

/**
 * The objectives of the steady phase, judged over the trailing `steady.for`, have to hold when the first fault is due.
 * With several loads an objective must not be broken in any, and one of them must have the samples to say so.
 */
export function watchSteady(): SteadyWatch {
  const newest = new Map<number, LiveTick>();
  return {
    tick: (load, tick) => void newest.set(load, tick),
    async verdict(stop) {
      const deadline = now() + FRESH_MS;
      for (;;) {
        const { holds, why } = read([...newest.values()]);
        if (holds === true) return null;
        if (holds === false || stop.aborted || now() >= deadline) return why;
        await sleep(POLL_MS, stop);
      }
    },
  };
}

function read(ticks: readonly LiveTick[]): { holds: boolean | null; why: string } {
  if (ticks.length === 0) return { holds: null, why: 'no samples have arrived' };
  const ageMs = Math.max(...ticks.map(({ at }) => now() - at));
  if (ageMs > FRESH_MS) return { holds: null, why: `the newest reading is ${Math.round(ageMs)} ms old` };
  const readings = ticks.flatMap(({ objectives }) => objectives);
  const broken = readings.find(({ holds }) => holds === false);
  if (broken)
    return {
      holds: false,
      why: `${broken.name} does not hold: measured ${broken.measured} on ${broken.samples} samples`,
    };
  const untold = readings.find(({ name }) => !readings.some((other) => other.name === name && other.holds));
  return untold
    ? { holds: null, why: `${untold.name} cannot be told from ${untold.samples} samples` }
    : { holds: true, why: '' };
}
