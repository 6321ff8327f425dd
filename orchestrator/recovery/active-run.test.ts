import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { identify, type ProcessIdentity } from '../../chaos/process-identity.ts';
import { eachInStateDirectory } from '../../test/state-directory.ts';
import { type ActiveRun, claim, EnvironmentBusyError, listActive, lockOf, release } from './active-run.ts';

let directory: string;
const self = identify(process.pid) as ProcessIdentity;

eachInStateDirectory((made) => {
  directory = made;
});

function activeRun(run: string, owner: ProcessIdentity, environment = 'lab'): ActiveRun {
  const environmentFile = path.join(directory, `${environment}.yaml`);
  writeFileSync(environmentFile, '');
  return { run, environment, environmentFile, directory: path.join(directory, run), owner, guardian: null };
}

/** A process that existed and is gone. */
async function deadProcess(): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const identity = identify(child.pid ?? 0) as ProcessIdentity;
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  return identity;
}

test('an environment in use is refused to a second run, which is told by whom', () => {
  claim(activeRun('first', self), () => true);
  expect(() => claim(activeRun('second', self), () => true)).toThrow(/in use by run first \(pid \d+\)/);
  expect(listActive().map(({ run }) => run)).toEqual(['first']);
});

test('another environment is free', () => {
  claim(activeRun('first', self), () => true);
  claim(activeRun('second', self, 'other'), () => true);
  expect(listActive()).toHaveLength(2);
});

test('a lock is taken over from a dead run only when that one left nothing behind', async () => {
  claim(activeRun('dead', await deadProcess()), () => true);
  expect(() => claim(activeRun('next', self), () => false)).toThrow(EnvironmentBusyError);
  expect(() => claim(activeRun('next', self), () => false)).toThrow(/squall recover dead/);
  claim(activeRun('next', self), () => true);
  expect(listActive().map(({ run }) => run)).toEqual(['next']);
});

test('a pid that belongs to another process by now does not keep the lock', () => {
  claim(activeRun('dead', { ...self, start: 'another boot:1' }), () => true);
  claim(activeRun('next', self), () => true);
  expect(listActive().map(({ run }) => run)).toEqual(['next']);
});

test('release gives back only the own lock', () => {
  const first = activeRun('first', self);
  claim(first, () => true);
  release(activeRun('second', self));
  expect(listActive()).toHaveLength(1);
  release(first);
  expect(listActive()).toEqual([]);
});

test('a lock that cannot be read is not taken for none', () => {
  const first = activeRun('first', self);
  claim(first, () => true);
  writeFileSync(lockOf(first), '');
  expect(() => claim(activeRun('second', self), () => true)).toThrow(/cannot be read/);
  rmSync(lockOf(first));
  claim(activeRun('second', self), () => true);
});
