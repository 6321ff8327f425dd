import { chownSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { Program } from '../lib/process.ts';
import { host, port, type Secrets, type Testbed } from '../lib/testbed.ts';
import { findBinaries } from './binaries.ts';
import type { NodeName } from './cluster.ts';

export const nodeNames: readonly NodeName[] = ['postgres-a', 'postgres-b'];

export function otherNode(name: NodeName): NodeName {
  return name === 'postgres-a' ? 'postgres-b' : 'postgres-a';
}

export function dataDirectory(testbed: Testbed, name: NodeName): string {
  return path.join(testbed.dataDir, name);
}

export function postgresProgram(testbed: Testbed, name: NodeName): Program {
  const data = dataDirectory(testbed, name);
  return {
    name,
    command: findBinaries(testbed.runAs).postgres,
    args: ['-D', data],
    cwd: data,
    dropUser: true,
    // Immediate shutdown, because the data of a testbed that goes down are not needed again.
    stopSignal: 'SIGQUIT',
  };
}

export interface NodeRole {
  /** Makes the node a standby of the other one. */
  readonly standby: boolean;
  /** Every commit waits for this standby's disk; undefined: for none. */
  readonly waitFor: NodeName | undefined;
}

/** Writes the node's configuration. A running node applies `waitFor` on `reload`, the rest when it starts. */
export function configureNode(testbed: Testbed, secrets: Secrets, name: NodeName, role: NodeRole): void {
  const data = dataDirectory(testbed, name);
  const source = otherNode(name);
  const passFile = path.join(data, 'replication.pass');
  write(testbed, passFile, `${host}:*:*:replicator:${secrets.postgres.replicator}\n`);
  write(testbed, path.join(data, 'pg_hba.conf'), hostBasedAccess);
  // deadlock_timeout: the default is as long as the services wait for an answer, so they would never hear of the deadlock.
  write(
    testbed,
    path.join(data, 'postgresql.conf'),
    `listen_addresses = '${host}'
port = ${port(testbed, name)}
unix_socket_directories = ''
cluster_name = '${name}'
max_connections = 100
deadlock_timeout = 200ms
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
jit = off
max_parallel_workers = 0
wal_level = replica
wal_keep_size = 256MB
max_wal_size = 512MB
max_wal_senders = 10
hot_standby = on
synchronous_commit = on
synchronous_standby_names = '${role.waitFor === undefined ? '' : `FIRST 1 ("${role.waitFor}")`}'
primary_conninfo = 'host=${host} port=${port(testbed, source)} user=replicator application_name=${name} passfile=''${passFile}'''
primary_slot_name = ''
wal_receiver_status_interval = 1s
wal_receiver_timeout = 5s
wal_sender_timeout = 5s
wal_retrieve_retry_interval = 200ms
recovery_target_timeline = 'latest'
log_line_prefix = '%m [%p] '
log_min_messages = warning
log_checkpoints = off
`,
  );
  const signalFile = path.join(data, 'standby.signal');
  if (role.standby) write(testbed, signalFile, '');
  else rmSync(signalFile, { force: true });
}

/**
 * One short connection, as `admin` or, without a password, as `observer`, who may look at statistics and nothing else.
 * @throws when the node does not answer within `timeoutMs`
 */
export async function withNode<T>(
  target: { testbed: Testbed; name: NodeName; password?: string; timeoutMs?: number },
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const timeoutMs = target.timeoutMs ?? 1_000;
  const client = new pg.Client({
    host,
    port: port(target.testbed, target.name),
    user: target.password === undefined ? 'observer' : 'admin',
    ...(target.password === undefined ? {} : { password: target.password }),
    database: 'postgres',
    application_name: 'control',
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    // Not awaited, because a frozen server never confirms the end of the connection.
    void client.end().catch(() => {});
  }
}

export async function isInRecovery(testbed: Testbed, name: NodeName): Promise<boolean> {
  return withNode({ testbed, name }, async (client) => {
    const { rows } = await client.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
    return rows[0]?.standby === true;
  });
}

/** `observer` sees statistics only, so it needs no password: the environment file that names it holds no secret. */
const hostBasedAccess = `host postgres observer ${host}/32 trust
host all all ${host}/32 scram-sha-256
host replication replicator ${host}/32 scram-sha-256
`;

function write(testbed: Testbed, file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  if (testbed.runAs !== null) chownSync(file, testbed.runAs.uid, testbed.runAs.gid);
}
