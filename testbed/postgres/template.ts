import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { schema as businessSchema } from '../business/store.ts';
import { readText, writeAtomically } from '../lib/files.ts';
import type { Secrets, Testbed } from '../lib/testbed.ts';
import { schema as eventsSchema } from '../projects/events.ts';
import { schema as projectsSchema } from '../projects/store.ts';
import { schema as audioSchema } from '../studio/producer/shelf.ts';
import { findBinaries } from './binaries.ts';

/**
 * The data directory that both nodes start from: initdb, roles, schema. Made once for a testbed directory, because it takes longer than
 * everything else that `up` does. The database server runs standalone here, without a port.
 */
export function ensureTemplate(testbed: Testbed, secrets: Secrets): string {
  const template = path.join(testbed.dataDir, 'postgres-template');
  const tables = projectsSchema + eventsSchema + audioSchema + businessSchema;
  const madeOf = `${template}.sql`;
  // One that an older testbed made has not all tables.
  if (existsSync(template) && readText(madeOf) === tables) return template;
  const making = `${template}.making`;
  rmSync(making, { recursive: true, force: true });
  makeFolder(testbed, making);
  const { SQUALL_TESTBED_TEMPLATES: shared } = process.env;
  if (shared === undefined) initialise(testbed, making, tables, passwords(secrets));
  else {
    copyDataDirectory(testbed, ensureBase(testbed, shared, tables), making);
    single(testbed, making, 'postgres', passwords(secrets));
  }
  rmSync(template, { recursive: true, force: true });
  renameSync(making, template);
  writeAtomically(madeOf, tables);
  return template;
}

/** Without passwords, so it is the same for all testbeds of a test run, which names a folder for it. */
function ensureBase(testbed: Testbed, folder: string, tables: string): string {
  const key = createHash('sha256').update(tables).digest('hex').slice(0, 12);
  const base = path.join(folder, `postgres-base-${key}`);
  if (existsSync(base)) return base;
  const making = `${base}.${testbed.id}`;
  makeFolder(testbed, making);
  initialise(testbed, making, tables);
  try {
    renameSync(making, base);
  } catch {
    // Another testbed was first.
    rmSync(making, { recursive: true, force: true });
  }
  return base;
}

function initialise(testbed: Testbed, folder: string, tables: string, more = ''): void {
  const { initdb } = findBinaries(testbed.runAs);
  const text = ['-E', 'UTF8', '--locale=C'];
  run(testbed, initdb, ['-D', folder, '-U', 'admin', ...text, '--no-sync', '--no-instructions']);
  single(testbed, folder, 'postgres', `${ROLES}${more}`);
  single(testbed, folder, 'studio', tables);
}

/** Copies a data directory with its owner, so that Postgres accepts it. */
export function copyDataDirectory(testbed: Testbed, from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  makeFolder(testbed, to);
  // As the user of Postgres, so that no ownership has to change afterwards.
  if (process.platform === 'linux') run(testbed, 'cp', ['-a', '--reflink=auto', `${from}/.`, to]);
  else cpSync(from, to, { recursive: true });
}

function makeFolder(testbed: Testbed, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (testbed.runAs !== null) chownSync(folder, testbed.runAs.uid, testbed.runAs.gid);
}

const ROLES = `
CREATE ROLE replicator LOGIN REPLICATION;
CREATE ROLE studio LOGIN;
CREATE ROLE observer LOGIN IN ROLE pg_monitor;
CREATE DATABASE studio;
`;

function passwords({ postgres }: Secrets): string {
  return Object.entries(postgres)
    .map(([role, password]) => `ALTER ROLE ${role} PASSWORD '${password}';\n`)
    .join('');
}

/** `--single` takes one statement per line; with -j a statement ends at a semicolon before an empty line. */
function single(testbed: Testbed, data: string, database: string, sql: string): void {
  const { postgres } = findBinaries(testbed.runAs);
  const input = sql
    .split(';')
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '')
    .map((statement) => `${statement};\n`)
    .join('');
  const output = run(testbed, postgres, ['--single', '-D', data, '-F', database], input);
  if (/^.*(ERROR|FATAL):.*$/m.test(output))
    throw new Error(`testbed: the database template failed: ${output.trim()}`);
}

function run(testbed: Testbed, command: string, args: string[], input = ''): string {
  const user = testbed.runAs === null ? {} : { uid: testbed.runAs.uid, gid: testbed.runAs.gid };
  const result = spawnSync(command, args, {
    ...user,
    input,
    cwd: testbed.dataDir,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C', SQUALL_TESTBED_ID: testbed.id },
  });
  const output = `${result.stdout}${result.stderr}`;
  if (result.error !== undefined || result.status !== 0) {
    throw new Error(
      `testbed: ${path.basename(command)} failed (${result.error?.message ?? result.signal ?? result.status}): ${output.trim()}`,
    );
  }
  return output;
}
