import { type Cluster, writeCluster } from '../../postgres/cluster.ts';
import { isInRecovery, withNode } from '../../postgres/node.ts';
import { rebuildStandby } from '../../postgres/rebuild.ts';
import type { Action } from '../context.ts';
import { fence, promote, startNode, startWaiting, stopWaiting } from './roles.ts';
import { component, failuresToAlert, fire, type PostgresWatch } from './watch.ts';

const standbyMayBeAwayMs = 2_000;
const standbyMayBeBehindMs = 15_000;

/** Its process is gone, or it has become the primary. It comes back, with its data built anew where that may differ. */
export async function standbyLost(watch: PostgresWatch, cluster: Cluster, reason: string): Promise<void> {
  const { control } = watch;
  const { standby } = cluster;
  const about = warn(watch, cluster, `${standby}: ${reason}`);
  if (cluster.synced && !(await goOnWithout(watch, cluster, about))) return;
  const usable = cluster.standbyEpoch === cluster.epoch;
  if (usable) await control.retry({ action: 'restart', ...about }, () => startNode(control, standby));
  else await rebuild(watch, about, cluster);
}

/** It follows: from here on the primary waits for it, so that it may take over. */
export async function standbyStreams(watch: PostgresWatch, cluster: Cluster): Promise<void> {
  const { control } = watch;
  const { incidents, testbed } = control;
  const { standby } = cluster;
  watch.behindSince = undefined;
  try {
    await withNode({ testbed, name: standby }, (client) => client.query('SELECT 1'));
    watch.standbyFailures = 0;
  } catch {
    // Frozen, perhaps: writes would wait for it without end.
    watch.standbyFailures += 1;
    if (watch.standbyFailures < failuresToAlert) return;
    const about = warn(watch, cluster, `${standby}: it does not answer`);
    if (cluster.synced) await goOnWithout(watch, cluster, about);
    return;
  }
  if (!cluster.synced) {
    const correlationId = incidents.open().find((i) => i.instance === standby)?.correlationId ?? 'start';
    const action = { action: 'wait for', component, instance: standby, correlationId };
    if (!(await control.act(action, () => startWaiting(control, cluster)))) return;
  }
  incidents.resolve('standby:lost');
  control.well(standby);
}

/** It runs and does not follow: a moment is left to it, then the primary goes on without it, then it is built anew. */
export async function standbyBehind(watch: PostgresWatch, cluster: Cluster): Promise<void> {
  const { control } = watch;
  const { testbed } = control;
  const { primary, standby } = cluster;
  watch.behindSince ??= performance.now();
  const behindMs = performance.now() - watch.behindSince;
  if (!(await isInRecovery(testbed, standby).catch(() => true))) {
    const correlationId = fire(
      control,
      'primary:lost',
      'PrimaryLost',
      primary,
      'critical',
      `${standby} was promoted from outside`,
    );
    const about = { component, instance: standby, correlationId };
    if (cluster.synced)
      await control.act({ action: 'accept as primary', ...about }, () => promote(control, cluster));
    else await rebuild(watch, about, cluster);
    return;
  }
  // A standby that was started a moment ago needs a little to connect.
  if (cluster.synced && behindMs > standbyMayBeAwayMs)
    await goOnWithout(watch, cluster, warn(watch, cluster, `${standby}: it does not follow`));
  if (behindMs < standbyMayBeBehindMs) return;
  watch.behindSince = undefined;
  await rebuild(watch, warn(watch, cluster, 'it cannot follow the primary'), cluster);
}

type About = Omit<Action, 'action'>;

/** Fires the alert about the standby; what is done about it carries its correlation id. */
function warn({ control }: PostgresWatch, { standby }: Cluster, text: string): About {
  const correlationId = fire(control, 'standby:lost', 'StandbyLost', standby, 'warning', text);
  return { component, instance: standby, correlationId };
}

/** The primary no longer waits for it. @returns whether that was done */
function goOnWithout({ control }: PostgresWatch, cluster: Cluster, about: About): Promise<boolean> {
  return control.act({ action: 'go on without', ...about }, () => stopWaiting(control, cluster));
}

async function rebuild(watch: PostgresWatch, about: About, cluster: Cluster): Promise<void> {
  const { control } = watch;
  const { testbed, secrets } = control;
  watch.rebuilding = true;
  // Not waited for: a round of the loop stays short however large the database is.
  void control
    .retry({ action: 'rebuild', ...about }, async () => {
      fence(control, cluster.standby);
      await rebuildStandby(testbed, secrets, cluster);
      writeCluster(testbed.dir, { ...cluster, synced: false, standbyEpoch: cluster.epoch });
    })
    .finally(() => {
      watch.rebuilding = false;
    });
}
