import { readJson, type WatchedFile, watchFile, writeAtomically } from '../lib/files.ts';
import { paths } from '../lib/testbed.ts';

export type NodeName = 'postgres-a' | 'postgres-b';

/**
 * Which node is the primary: the single source of truth for services and control loop, on disk. Only the control loop writes it.
 * `synced` is true only while every commit that the primary acknowledges is on the standby's disk, too: it is set after that has become
 * true and cleared before it ceases to be, so a standby with `synced` may always be promoted.
 */
export interface Cluster {
  readonly epoch: number;
  readonly primary: NodeName;
  readonly standby: NodeName;
  readonly synced: boolean;
  /** The standby's data come from this epoch's primary; anything else has to be rebuilt. */
  readonly standbyEpoch: number;
}

export const firstCluster: Cluster = {
  epoch: 1,
  primary: 'postgres-a',
  standby: 'postgres-b',
  synced: false,
  standbyEpoch: 1,
};

export function readCluster(dir: string): Cluster {
  return readJson<Cluster>(paths(dir).cluster) ?? firstCluster;
}

export function writeCluster(dir: string, cluster: Cluster): void {
  writeAtomically(paths(dir).cluster, `${JSON.stringify(cluster)}\n`);
}

export function watchCluster(dir: string): WatchedFile<Cluster> {
  return watchFile(paths(dir).cluster, (text) =>
    text === undefined ? firstCluster : (JSON.parse(text) as Cluster),
  );
}
