import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { signal } from '../lib/identity.ts';
import { findStrays, isRunning, isStarting, readRecord, startProcess } from '../lib/process.ts';
import { type Cluster, type NodeName, readCluster, writeCluster } from '../postgres/cluster.ts';
import { configureNode, isInRecovery, postgresProgram, withNode } from '../postgres/node.ts';
import { rebuildStandby } from '../postgres/rebuild.ts';
import type { Control } from './context.ts';

const component = 'projects-db';
const failuresToAlert = 2;
const failuresToFence = 3;
const standbyMayBeAwayMs = 2_000;
const standbyMayBeBehindMs = 15_000;

/**
 * Promotes the standby when the primary is gone, and makes the old primary a synchronous standby again.
 *
 * No acknowledged write is lost, because of two rules. A standby is promoted only if `synced` is on record, and that is so
 * only while the primary acknowledges nothing that the standby does not have. And a primary that is gone comes back either as
 * the primary (nobody was promoted) or, with its data thrown away, as a standby of the new one: there are never two.
 */
export function watchPostgres(control: Control): () => Promise<void> {
  const { testbed, secrets, incidents } = control;
  let rebuilding = false;
  let primaryFailures = 0;
  let primaryStarting = true;
  let standbyFailures = 0;
  let behindSince: number | undefined;

  return async () => {
    if (rebuilding) return;
    const cluster = readCluster(testbed.dir);
    const { primary, standby } = cluster;
    const standbyUp = isRunning(testbed.dir, standby);
    if (!isRunning(testbed.dir, primary)) return primaryLost(cluster, standbyUp);
    let state: string | undefined;
    try {
      state = await streamingState(primary, standby);
      primaryFailures = 0;
      primaryStarting = false;
      incidents.resolve(`${primary}:silent`);
      incidents.resolve('primary:lost');
      control.well(primary);
    } catch (error) {
      // A primary that has just been started replays its log first.
      if (primaryStarting && isStarting(testbed.dir, primary)) return;
      primaryFailures += 1;
      if (primaryFailures >= failuresToAlert) await primarySilent(cluster, error as Error);
      return;
    }
    if (!standbyUp) return standbyLost(cluster, 'the process is gone');
    if (state === 'streaming') return standbyStreams(cluster);
    await standbyBehind(cluster);
  };

  async function primaryLost(cluster: Cluster, standbyUp: boolean): Promise<void> {
    const { primary, standby } = cluster;
    const correlationId = fire(
      'primary:lost',
      'PrimaryLost',
      primary,
      'critical',
      `${primary}: the primary is gone`,
    );
    primaryFailures = 0;
    primaryStarting = true;
    const about = { component, correlationId };
    if (cluster.synced && standbyUp) {
      const done = await control.act({ action: 'promote', instance: standby, recovers: true, ...about }, () =>
        promote(cluster),
      );
      if (!done) return;
      incidents.resolve('primary:lost');
      incidents.resolve(`${primary}:silent`);
      await standbyLost(readCluster(testbed.dir), 'it was the primary before and has to be built anew');
      return;
    }
    await control.retry({ action: 'restart', instance: primary, ...about }, () => start(primary));
  }

  async function promote(cluster: Cluster): Promise<void> {
    const { primary, standby } = cluster;
    fence(primary);
    if (await isInRecovery(testbed, standby)) {
      const admin = { testbed, name: standby, password: secrets.postgres.admin, timeoutMs: 15_000 };
      const promoted = await withNode(admin, async (client) => {
        const { rows } = await client.query<{ done: boolean }>('SELECT pg_promote(true, 10) AS done');
        return rows[0]?.done === true;
      });
      if (!promoted) throw new Error(`${standby} did not leave recovery within 10 s`);
    }
    writeCluster(testbed.dir, {
      epoch: cluster.epoch + 1,
      primary: standby,
      standby: primary,
      synced: false,
      standbyEpoch: 0,
    });
  }

  /** Before anybody else may be primary, the old one must be unable to answer. */
  function fence(node: NodeName): void {
    const record = readRecord(testbed.dir, node);
    if (record !== undefined) signal(record, 'SIGKILL');
    for (const stray of findStrays(testbed, node)) signal(stray, 'SIGKILL');
  }

  async function primarySilent({ primary }: Cluster, error: Error): Promise<void> {
    const summary = `${primary}: ${primaryFailures} checks in a row failed: ${error.message}`;
    const correlationId = fire(`${primary}:silent`, 'Unresponsive', primary, 'critical', summary);
    if (!control.settings()['restart-frozen'] || primaryFailures < failuresToFence) return;
    await control.act({ action: 'fence', component, instance: primary, correlationId }, () => fence(primary));
  }

  async function standbyLost(cluster: Cluster, reason: string): Promise<void> {
    const { standby } = cluster;
    const correlationId = fire('standby:lost', 'StandbyLost', standby, 'warning', `${standby}: ${reason}`);
    const about = { component, instance: standby, correlationId };
    if (
      cluster.synced &&
      !(await control.act({ action: 'go on without', ...about }, () => stopWaiting(cluster)))
    )
      return;
    const usable = cluster.standbyEpoch === cluster.epoch;
    if (usable) await control.retry({ action: 'restart', ...about }, () => start(standby));
    else await rebuild(about, cluster);
  }

  async function rebuild(
    about: { component: string; instance: string; correlationId: string },
    cluster: Cluster,
  ) {
    rebuilding = true;
    // Not waited for: a round of the loop stays short however large the database is.
    void control
      .retry({ action: 'rebuild', ...about }, async () => {
        fence(cluster.standby);
        await rebuildStandby(testbed, secrets, cluster);
        writeCluster(testbed.dir, { ...cluster, synced: false, standbyEpoch: cluster.epoch });
      })
      .finally(() => {
        rebuilding = false;
      });
  }

  async function standbyStreams(cluster: Cluster): Promise<void> {
    const { standby } = cluster;
    behindSince = undefined;
    try {
      await withNode({ testbed, name: standby }, (client) => client.query('SELECT 1'));
      standbyFailures = 0;
    } catch {
      // Frozen, perhaps: writes would wait for it without end.
      standbyFailures += 1;
      if (standbyFailures < failuresToAlert) return;
      const correlationId = fire(
        'standby:lost',
        'StandbyLost',
        standby,
        'warning',
        `${standby}: it does not answer`,
      );
      if (!cluster.synced) return;
      await control.act({ action: 'go on without', component, instance: standby, correlationId }, () =>
        stopWaiting(cluster),
      );
      return;
    }
    if (!cluster.synced) {
      const correlationId = incidents.open().find((i) => i.instance === standby)?.correlationId ?? 'start';
      const action = { action: 'wait for', component, instance: standby, correlationId };
      if (!(await control.act(action, () => startWaiting(cluster)))) return;
    }
    incidents.resolve('standby:lost');
    control.well(standby);
  }

  async function standbyBehind(cluster: Cluster): Promise<void> {
    const { primary, standby } = cluster;
    behindSince ??= performance.now();
    const behindMs = performance.now() - behindSince;
    if (!(await isInRecovery(testbed, standby).catch(() => true))) {
      const correlationId = fire(
        'primary:lost',
        'PrimaryLost',
        primary,
        'critical',
        `${standby} was promoted from outside`,
      );
      const about = { component, instance: standby, correlationId };
      if (cluster.synced)
        await control.act({ action: 'accept as primary', ...about }, () => promote(cluster));
      else await rebuild(about, cluster);
      return;
    }
    // A standby that was started a moment ago needs a little to connect.
    if (cluster.synced && behindMs > standbyMayBeAwayMs) await standbyGone(cluster, 'it does not follow');
    if (behindMs < standbyMayBeBehindMs) return;
    behindSince = undefined;
    const correlationId = fire(
      'standby:lost',
      'StandbyLost',
      standby,
      'warning',
      'it cannot follow the primary',
    );
    await rebuild({ component, instance: standby, correlationId }, cluster);
  }

  async function standbyGone(cluster: Cluster, reason: string): Promise<void> {
    const { standby } = cluster;
    const correlationId = fire('standby:lost', 'StandbyLost', standby, 'warning', `${standby}: ${reason}`);
    await control.act({ action: 'go on without', component, instance: standby, correlationId }, () =>
      stopWaiting(cluster),
    );
  }

  /** From here on the standby may lack writes: first that goes on record, then the primary stops waiting. */
  async function stopWaiting(cluster: Cluster): Promise<void> {
    writeCluster(testbed.dir, { ...cluster, synced: false });
    await reload(cluster.primary, undefined);
  }

  /** The other way round: first every new commit waits, then the standby gets all older ones, then it goes on record. */
  async function startWaiting(cluster: Cluster): Promise<void> {
    await reload(cluster.primary, cluster.standby);
    const admin = { testbed, name: cluster.primary, password: secrets.postgres.admin, timeoutMs: 8_000 };
    // A connection made now has the new setting only if the server has it and has told its processes.
    await until(8_000, () =>
      withNode(admin, async (client) => {
        const { rows } = await client.query<{ value: string }>(
          `SELECT current_setting('synchronous_standby_names') AS value`,
        );
        return rows[0]?.value.includes(cluster.standby) === true;
      }),
    );
    await withNode(admin, async (client) => {
      // The checkpointer is what makes the setting count for all; it takes the setting over before it does a checkpoint.
      await client.query('CHECKPOINT');
      const { rows } = await client.query<{ lsn: string }>('SELECT pg_current_wal_lsn() AS lsn');
      await until(8_000, () => hasFlushed(client, cluster.standby, rows[0]?.lsn ?? ''));
    });
    writeCluster(testbed.dir, { ...cluster, synced: true });
  }

  async function reload(primary: NodeName, waitFor: NodeName | undefined): Promise<void> {
    configureNode(testbed, secrets, primary, { standby: false, waitFor });
    const admin = { testbed, name: primary, password: secrets.postgres.admin, timeoutMs: 3_000 };
    await withNode(admin, (client) => client.query('SELECT pg_reload_conf()'));
  }

  function start(node: NodeName): void {
    const cluster = readCluster(testbed.dir);
    const standby = node !== cluster.primary;
    // A primary that comes back alone must not wait for a standby that may not be there.
    const waitFor = !standby && cluster.synced ? cluster.standby : undefined;
    configureNode(testbed, secrets, node, { standby, waitFor });
    startProcess(testbed, postgresProgram(testbed, node));
  }

  function streamingState(primary: NodeName, standby: NodeName): Promise<string | undefined> {
    return withNode({ testbed, name: primary }, async (client) => {
      const { rows } = await client.query<{ state: string }>(
        'SELECT state FROM pg_stat_replication WHERE application_name = $1',
        [standby],
      );
      return rows[0]?.state;
    });
  }

  function fire(
    key: string,
    alertname: string,
    instance: string,
    severity: 'warning' | 'critical',
    summary: string,
  ): string {
    return incidents.fire(key, { alertname, component, instance, severity, summary });
  }
}

async function hasFlushed(client: pg.Client, standby: string, lsn: string): Promise<boolean> {
  const { rows } = await client.query<{ done: boolean }>(
    `SELECT sync_state = 'sync' AND flush_lsn >= $2::pg_lsn AS done FROM pg_stat_replication WHERE application_name = $1`,
    [standby, lsn],
  );
  return rows[0]?.done === true;
}

async function until(timeoutMs: number, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not reached within ${timeoutMs} ms`);
    await sleep(50);
  }
}
