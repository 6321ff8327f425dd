import { rmSync } from 'node:fs';
import path from 'node:path';
import { isAlive, signal } from '../lib/identity.ts';
import {
  findStrays,
  forgetRecord,
  type ProcessRecord,
  readRecord,
  recordedNames,
  stopProcess,
  waitGone,
} from '../lib/process.ts';
import { paths, readTestbed, type Testbed } from '../lib/testbed.ts';

/** Ends every process of the testbed and removes its data; logs, audit log and the database template stay. Idempotent. */
export async function down(dir: string): Promise<{ stopped: string[] }> {
  const records = recordedNames(dir)
    .map((name) => readRecord(dir, name))
    .filter((record) => record !== undefined);
  const stopped: string[] = [];
  // The control loop first, because it would restart what is ended here.
  const first = records.filter((record) => record.name === 'control');
  const rest = records.filter((record) => record.name !== 'control');
  for (const group of [first, rest]) {
    await Promise.all(
      group.map(async (record) => {
        if (isAlive(record)) stopped.push(record.name);
        if (!(await stopProcess(record, signalFor(record), graceFor(record)))) {
          throw new Error(`testbed: ${record.name} does not end: kill -9 ${record.pid}`);
        }
      }),
    );
  }
  const testbed = readTestbed(dir);
  if (testbed !== undefined) await stopStrays(testbed);
  for (const { name } of records) forgetRecord(dir, name);
  if (testbed !== undefined) removeData(testbed);
  return { stopped };
}

function signalFor({ name }: ProcessRecord): NodeJS.Signals {
  // SIGQUIT ends Postgres without a checkpoint; its data are removed anyway.
  return name.startsWith('postgres-') ? 'SIGQUIT' : 'SIGTERM';
}

function graceFor({ name }: ProcessRecord): number {
  return name.startsWith('redis-') || name.startsWith('sentinel-') ? 500 : 2_000;
}

/** Processes that no record knows. Twice, because a process may have been in the middle of starting another. */
async function stopStrays(testbed: Testbed): Promise<void> {
  for (let pass = 0; pass < 2; pass++) {
    const strays = findStrays(testbed);
    for (const stray of strays) signal(stray, 'SIGKILL');
    for (const stray of strays) await waitGone(stray, 5_000);
    if (strays.length === 0) return;
  }
}

function removeData(testbed: Testbed): void {
  const files = paths(testbed.dir);
  const inDir = path.dirname(testbed.dataDir) === testbed.dir;
  if (!inDir) rmSync(testbed.dataDir, { recursive: true, force: true });
  for (const name of [
    'postgres-a',
    'postgres-b',
    'redis-1',
    'redis-2',
    'sentinel-1',
    'sentinel-2',
    'sentinel-3',
  ]) {
    rmSync(path.join(testbed.dataDir, name), { recursive: true, force: true });
  }
  for (const file of [files.cluster, files.killSwitch, files.settings, files.environment])
    rmSync(file, { force: true });
  rmSync(files.testbed, { force: true });
}
