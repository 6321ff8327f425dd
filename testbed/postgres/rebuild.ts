import { chownSync, constants, writeFileSync } from 'node:fs';
import { chown, copyFile, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess } from '../lib/process.ts';
import type { Secrets, Testbed } from '../lib/testbed.ts';
import type { Cluster } from './cluster.ts';
import { configureNode, dataDirectory, postgresProgram, withNode } from './node.ts';

/** Left out of the copy, as the manual's "Making a Base Backup Using the Low Level API" has it; the folders stay, empty. */
const emptied = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const skipped = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'standby.signal',
  'recovery.signal',
  'backup_label',
]);
/** Copied last, so that it does not refer to files that were copied before it was written. */
const controlFile = path.join('global', 'pg_control');

/** Discards the node's data, copies the running primary's, and starts the node as its standby. */
export async function rebuildStandby(testbed: Testbed, secrets: Secrets, cluster: Cluster): Promise<void> {
  const from = dataDirectory(testbed, cluster.primary);
  const to = dataDirectory(testbed, cluster.standby);
  const admin = { testbed, name: cluster.primary, password: secrets.postgres.admin, timeoutMs: 60_000 };
  await rm(to, { recursive: true, force: true });
  await withNode(admin, async (client) => {
    // The backup lasts as long as this connection.
    await client.query(`SELECT pg_backup_start('rebuild', true)`);
    await copyTree(testbed, from, to, '');
    await copyOne(testbed, from, to, controlFile);
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    const label = path.join(to, 'backup_label');
    writeFileSync(label, rows[0]?.labelfile ?? '', { mode: 0o600 });
    if (testbed.runAs !== null) chownSync(label, testbed.runAs.uid, testbed.runAs.gid);
  });
  configureNode(testbed, secrets, cluster.standby, { standby: true, waitFor: undefined });
  startProcess(testbed, postgresProgram(testbed, cluster.standby));
}

async function copyTree(testbed: Testbed, from: string, to: string, below: string): Promise<void> {
  const target = path.join(to, below);
  await mkdir(target, { mode: 0o700 });
  if (testbed.runAs !== null) await chown(target, testbed.runAs.uid, testbed.runAs.gid);
  for (const entry of await readdir(path.join(from, below), { withFileTypes: true })) {
    const name = path.join(below, entry.name);
    if (skipped.has(name) || name === controlFile || entry.name.startsWith('pgsql_tmp')) continue;
    if (!entry.isDirectory()) {
      if (entry.isFile()) await copyOne(testbed, from, to, name);
      continue;
    }
    if (!emptied.has(name)) await copyTree(testbed, from, to, name);
    else
      await makeEmpty(testbed, path.join(to, name), name === 'pg_wal' ? ['archive_status', 'summaries'] : []);
  }
}

async function makeEmpty(testbed: Testbed, folder: string, children: readonly string[]): Promise<void> {
  for (const made of [folder, ...children.map((child) => path.join(folder, child))]) {
    await mkdir(made, { mode: 0o700 });
    if (testbed.runAs !== null) await chown(made, testbed.runAs.uid, testbed.runAs.gid);
  }
}

/** A pause after each file: copying a thousand without one would hold up the users, who are being served, for two seconds. */
const pauseMs = 2;

async function copyOne(testbed: Testbed, from: string, to: string, name: string): Promise<void> {
  await sleep(pauseMs);
  try {
    await copyFile(path.join(from, name), path.join(to, name), constants.COPYFILE_FICLONE);
    if (testbed.runAs !== null) await chown(path.join(to, name), testbed.runAs.uid, testbed.runAs.gid);
  } catch (error) {
    // The running server may remove files meanwhile; replaying its log takes care of that.
    const gone = (await lstat(path.join(from, name)).catch(() => undefined)) === undefined;
    if (!gone) throw error;
  }
}
