import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Identity, identify, isAlive } from '../lib/identity.ts';

const patienceMs = 90_000;

/** Runs `work` while no other `up` or `down` works on this directory. The lock of a process that died does not count. */
export async function withLock<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw notOurs(dir, error);
  }
  const file = path.join(dir, 'lock.json');
  const deadline = performance.now() + patienceMs;
  while (!take(file)) {
    if (performance.now() > deadline) throw new Error(`testbed: another command holds ${file}`);
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Several users may each have a testbed, in a directory of their own. */
function notOurs(dir: string, cause: unknown): Error {
  return new Error(
    `testbed: this user cannot write to ${dir} (${(cause as NodeJS.ErrnoException).code}): name a directory of your own with --dir`,
    { cause },
  );
}

function take(file: string): boolean {
  try {
    writeFileSync(file, JSON.stringify(identify(process.pid)), { flag: 'wx' });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') throw notOurs(path.dirname(file), error);
    if (code !== 'EEXIST') throw error;
  }
  try {
    if (isAlive(JSON.parse(readFileSync(file, 'utf8')) as Identity)) return false;
  } catch {
    // Empty or gone: its owner is writing it, or has just finished. An owner that died while writing is rare; the next look
    // decides.
    return false;
  }
  rmSync(file, { force: true });
  return false;
}
