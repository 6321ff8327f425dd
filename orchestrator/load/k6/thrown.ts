import type { LoadExit } from '../runner.ts';

/** Counts what scripts throw, by scenario and second, in bounded memory. */
export interface ThrownCounts {
  /** @param time of the log, e.g. `2026-11-29T19:28:36Z` */
  add(scenario: string, time: string): void;
  total(): number;
  list(): NonNullable<LoadExit['thrown']>;
}

const MOST_COUNTS = 5_000;

/** When there are more counts than this, neighbouring seconds are merged: first two, then four, and so on. */
export function countThrown(mostCounts = MOST_COUNTS): ThrownCounts {
  let counts = new Map<string, Map<number, number>>();
  let total = 0;
  let width = 1;
  return {
    add(scenario, time) {
      total += 1;
      const second = Math.floor(Date.parse(time) / 1000);
      if (!Number.isFinite(second)) return;
      addTo(counts, scenario, startOf(second), 1);
      // The number of scenarios is bounded by the script's options.
      while (sizeOf(counts) > Math.max(mostCounts, counts.size)) join();
    },
    total: () => total,
    list: () =>
      [...counts].flatMap(([scenario, seconds]) =>
        [...seconds].sort(([a], [b]) => a - b).map(([second, count]) => ({ scenario, second, count })),
      ),
  };

  function startOf(second: number): number {
    return Math.floor(second / width) * width;
  }

  function join(): void {
    width *= 2;
    const joined: typeof counts = new Map();
    for (const [scenario, seconds] of counts)
      for (const [second, count] of seconds) addTo(joined, scenario, startOf(second), count);
    counts = joined;
  }
}

function addTo(
  counts: Map<string, Map<number, number>>,
  scenario: string,
  second: number,
  count: number,
): void {
  const seconds = counts.get(scenario) ?? new Map<number, number>();
  counts.set(scenario, seconds);
  seconds.set(second, (seconds.get(second) ?? 0) + count);
}

function sizeOf(counts: ReadonlyMap<string, ReadonlyMap<number, number>>): number {
  let size = 0;
  for (const seconds of counts.values()) size += seconds.size;
  return size;
}
