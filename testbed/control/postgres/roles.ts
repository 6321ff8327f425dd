import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { signal } from '../../lib/identity.ts';
import { findStrays, readRecord, startProcess } from '../../lib/process.ts';
import { type Cluster, type NodeName, readCluster, writeCluster } from '../../postgres/cluster.ts';
import { configureNode, isInRecovery, postgresProgram, withNode } from '../../postgres/node.ts';
import type { Control } from '../context.ts';

type Parts = Pick<Control, 'testbed' | 'secrets'>;

/** Makes the standby the primary. The old one is fenced first. */
export async function promote(parts: Parts, cluster: Cluster): Promise<void> {
  const { testbed, secrets } = parts;
  const { primary, standby } = cluster;
  fence(parts, primary);
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
export function fence({ testbed }: Pick<Parts, 'testbed'>, node: NodeName): void {
  const record = readRecord(testbed.dir, node);
  if (record !== undefined) signal(record, 'SIGKILL');
  for (const stray of findStrays(testbed, node)) signal(stray, 'SIGKILL');
}

/** From here on the standby may lack writes: first that goes on record, then the primary stops waiting. */
export async function stopWaiting(parts: Parts, cluster: Cluster): Promise<void> {
  writeCluster(parts.testbed.dir, { ...cluster, synced: false });
  await reload(parts, cluster.primary, undefined);
}

/** The other way round: first every new commit waits, then the standby gets all older ones, then it goes on record. */
export async function startWaiting(parts: Parts, cluster: Cluster): Promise<void> {
  const { testbed, secrets } = parts;
  await reload(parts, cluster.primary, cluster.standby);
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

async function reload(
  { testbed, secrets }: Parts,
  primary: NodeName,
  waitFor: NodeName | undefined,
): Promise<void> {
  configureNode(testbed, secrets, primary, { standby: false, waitFor });
  const admin = { testbed, name: primary, password: secrets.postgres.admin, timeoutMs: 3_000 };
  await withNode(admin, (client) => client.query('SELECT pg_reload_conf()'));
}

export function startNode({ testbed, secrets }: Parts, node: NodeName): void {
  const cluster = readCluster(testbed.dir);
  const standby = node !== cluster.primary;
  // A primary that comes back alone must not wait for a standby that may not be there.
  const waitFor = !standby && cluster.synced ? cluster.standby : undefined;
  configureNode(testbed, secrets, node, { standby, waitFor });
  startProcess(testbed, postgresProgram(testbed, node));
}

/** What the primary says of its standby; undefined: it does not know it. */
export function streamingState(
  { testbed }: Pick<Parts, 'testbed'>,
  primary: NodeName,
  standby: NodeName,
): Promise<string | undefined> {
  return withNode({ testbed, name: primary }, async (client) => {
    const { rows } = await client.query<{ state: string }>(
      'SELECT state FROM pg_stat_replication WHERE application_name = $1',
      [standby],
    );
    return rows[0]?.state;
  });
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
