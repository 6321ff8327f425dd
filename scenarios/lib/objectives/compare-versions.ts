import { defaultMinSamples } from '../../../thresholds/objective.ts';
import { leastSamples } from './least-samples.ts';

/** What was measured of one version. */
export interface Seen {
  /** Of good answers, in milliseconds. The comparison sorts them. */
  readonly durations: number[];
  requests: number;
  failed: number;
}

export interface Comparison {
  /** How many times as long green takes as blue; null: too few samples of either. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Green's share of failed requests minus blue's, at least 0; null as above. */
  readonly extraErrors: number | null;
}

/**
 * Compares the golden signals of two versions under the same load at the same time. Times below the floor count as the floor:
 * green at 3 ms beside blue at 1 ms is no reason to stop a canary.
 */
export const compareVersions = (blue: Seen, green: Seen, { floorMs }: { floorMs: number }): Comparison => {
  for (const { durations } of [blue, green]) durations.sort((a, b) => a - b);
  const ratio = (percentile: number): number | null => {
    const needed = leastSamples(defaultMinSamples({ percentile, below: '' }));
    if (blue.durations.length < needed || green.durations.length < needed) return null;
    const at = (durations: readonly number[]) => Math.max(floorMs, valueAt(durations, percentile));
    return at(green.durations) / at(blue.durations);
  };
  const needed = leastSamples(defaultMinSamples({ errors: true, below: '' }, 0.01));
  const enough = blue.requests >= needed && green.requests >= needed;
  return {
    p50: ratio(50),
    p95: ratio(95),
    p99: ratio(99),
    extraErrors: enough ? Math.max(0, green.failed / green.requests - blue.failed / blue.requests) : null,
  };
};

const valueAt = (sorted: readonly number[], percentile: number): number =>
  sorted[Math.max(0, Math.ceil((sorted.length * percentile) / 100) - 1)] ?? 0;
