import type { Pace } from '../definition.ts';

/**
 * How long failovers take on AWS. Instance: 7 recorded ForceFailovers completed after 50 to 71 s, and 14 that were probed four times a
 * second were unwritable for 17 to 39 s, from 10 to 17 s after the order on; AWS writes 60 to 120 s. Cluster: AWS writes "under 35 s",
 * recorded were 16 and 25 s with 11 s of errors. Shard: one recorded TestFailover completed after 63 s; AWS writes "up to two minutes".
 */
export const PACE: Readonly<Record<'instance' | 'cluster' | 'shard', Pace>> = {
  instance: { leastMs: 60_000, mostMs: 120_000, downtimeMs: { from: 17_000, to: 39_000 } },
  cluster: { leastMs: 30_000, mostMs: 60_000, downtimeMs: { from: 11_000, to: 35_000 } },
  shard: { leastMs: 65_000, mostMs: 120_000, downtimeMs: { from: 5_000, to: 60_000 } },
};

/** Of what FIS does for so long: one stop was recorded to take 29 s, and what it did lasts until then. What it costs users is the drill's own. */
export function paceOfExperiment(forMs: number): Pace {
  return { leastMs: forMs + 30_000, mostMs: forMs + 60_000, downtimeMs: { from: 0, to: 0 } };
}
