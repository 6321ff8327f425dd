import type { Pace } from '../definition.ts';

/** AWS abandons a failover too soon after another, and tells no number: people wait 5 minutes, and 11 were seen to be enough. */
export const QUIET_MINUTES = 10;

/**
 * How long failovers take on AWS. Instance: 7 recorded ForceFailovers completed after 50 to 71 s, and 14 that were probed four times a
 * second were unwritable for 17 to 39 s, from 10 to 17 s after the order on; AWS writes 60 to 120 s. Cluster: AWS writes "under 35 s",
 * recorded were 16 and 25 s with 11 s of errors. Shard: one recorded TestFailover completed after 63 s; AWS writes "up to two minutes".
 * The next one of a database comes when no event of the last ten minutes tells of one, by the preflight; of a group of ElastiCache, when AWS has
 * replaced the node, which took 12 minutes where it was recorded.
 */
export const PACE: Readonly<Record<'instance' | 'cluster' | 'shard', Pace>> = {
  instance: {
    leastMs: 60_000,
    mostMs: 120_000,
    again: { afterMs: QUIET_MINUTES * 60_000 + 120_000 },
    downtimeMs: { from: 17_000, to: 39_000 },
  },
  cluster: {
    leastMs: 30_000,
    mostMs: 60_000,
    again: { afterMs: QUIET_MINUTES * 60_000 + 60_000 },
    downtimeMs: { from: 11_000, to: 35_000 },
  },
  shard: {
    leastMs: 65_000,
    mostMs: 120_000,
    again: { afterMs: 15 * 60_000 },
    downtimeMs: { from: 5_000, to: 60_000 },
  },
};

/** Of what FIS does for so long: one stop was recorded to take 29 s, and what it did lasts until then. What it costs users is the drill's own. */
export function paceOfExperiment(forMs: number): Pace {
  return { leastMs: forMs + 30_000, mostMs: forMs + 60_000, downtimeMs: { from: 0, to: 0 } };
}

/** In a group of ElastiCache one shard fails over at a time. */
export function paceOfShard(group: string): Pace {
  const { again, ...pace } = PACE.shard;
  return { ...pace, ...(again && { again: { ...again, of: `group ${group.toLowerCase()}` } }) };
}
