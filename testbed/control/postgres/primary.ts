import type { Cluster } from '../../postgres/cluster.ts';
import { readCluster } from '../../postgres/cluster.ts';
import { fence, promote, startNode } from './roles.ts';
import { standbyLost } from './standby.ts';
import { component, failuresToAlert, fire, type PostgresWatch } from './watch.ts';

const failuresToFence = 3;

/** Its process is gone: the standby takes over where it has everything, else the primary is started again. */
export async function primaryLost(watch: PostgresWatch, cluster: Cluster, standbyUp: boolean): Promise<void> {
  const { control } = watch;
  const { incidents, testbed } = control;
  const { primary, standby } = cluster;
  const correlationId = fire(
    control,
    'primary:lost',
    'PrimaryLost',
    primary,
    'critical',
    `${primary}: the primary is gone`,
  );
  watch.primaryFailures = 0;
  watch.primaryStarting = true;
  const about = { component, correlationId };
  if (cluster.synced && standbyUp) {
    const done = await control.act({ action: 'promote', instance: standby, recovers: true, ...about }, () =>
      promote(control, cluster),
    );
    if (!done) return;
    incidents.resolve('primary:lost');
    incidents.resolve(`${primary}:silent`);
    await standbyLost(watch, readCluster(testbed.dir), 'it was the primary before and has to be built anew');
    return;
  }
  await control.retry({ action: 'restart', instance: primary, ...about }, () => startNode(control, primary));
}

/** Its process is there and does not answer. One that is frozen is ended, so that the standby may take over. */
export async function primarySilent(watch: PostgresWatch, { primary }: Cluster, error: Error): Promise<void> {
  const { control, primaryFailures } = watch;
  if (primaryFailures < failuresToAlert) return;
  const summary = `${primary}: ${primaryFailures} checks in a row failed: ${error.message}`;
  const correlationId = fire(control, `${primary}:silent`, 'Unresponsive', primary, 'critical', summary);
  if (!control.settings()['restart-frozen'] || primaryFailures < failuresToFence) return;
  await control.act({ action: 'fence', component, instance: primary, correlationId }, () =>
    fence(control, primary),
  );
}
