import { isRunning, isStarting } from '../lib/process.ts';
import { readCluster } from '../postgres/cluster.ts';
import type { Control } from './context.ts';
import { primaryLost, primarySilent } from './postgres/primary.ts';
import { streamingState } from './postgres/roles.ts';
import { standbyBehind, standbyLost, standbyStreams } from './postgres/standby.ts';
import type { PostgresWatch } from './postgres/watch.ts';

/**
 * Promotes the standby when the primary is gone, and makes the old primary a synchronous standby again.
 *
 * No acknowledged write is lost, because of two rules. A standby is promoted only if `synced` is on record, and that is so
 * only while the primary acknowledges nothing that the standby does not have. And a primary that is gone comes back either as
 * the primary (nobody was promoted) or, with its data thrown away, as a standby of the new one: there are never two.
 */
export function watchPostgres(control: Control): () => Promise<void> {
  const watch: PostgresWatch = {
    control,
    rebuilding: false,
    primaryFailures: 0,
    primaryStarting: true,
    standbyFailures: 0,
    behindSince: undefined,
  };
  return () => round(watch);
}

async function round(watch: PostgresWatch): Promise<void> {
  if (watch.rebuilding) return;
  const { control } = watch;
  const { testbed, incidents } = control;
  const cluster = readCluster(testbed.dir);
  const { primary, standby } = cluster;
  const standbyUp = isRunning(testbed.dir, standby);
  if (!isRunning(testbed.dir, primary)) return primaryLost(watch, cluster, standbyUp);
  let state: string | undefined;
  try {
    state = await streamingState(control, primary, standby);
  } catch (error) {
    // A primary that has just been started replays its log first.
    if (watch.primaryStarting && isStarting(testbed.dir, primary)) return;
    watch.primaryFailures += 1;
    return primarySilent(watch, cluster, error as Error);
  }
  watch.primaryFailures = 0;
  watch.primaryStarting = false;
  incidents.resolve(`${primary}:silent`);
  incidents.resolve('primary:lost');
  control.well(primary);
  if (!standbyUp) return standbyLost(watch, cluster, 'the process is gone');
  if (state === 'streaming') return standbyStreams(watch, cluster);
  await standbyBehind(watch, cluster);
}
