import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { identify, type ProcessIdentity } from '../../chaos/process-identity.ts';
import { eachInStateDirectory } from '../../test/state-directory.ts';
import {
  type ActiveRun,
  claim,
  EnvironmentBusyError,
  isUnderWay,
  keepLock,
  listActive,
  lockOf,
  release,
  silentOwner,
} from './active-run.ts';

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

/** A run of another container with the same state directory. Its pid is nobody's here. */
async function farRun(run: string): Promise<ActiveRun> {
  return { ...activeRun(run, await deadProcess()), place: 'pod-a pid:[1]' };
}

test('a run in another container holds its environment as long as it gives signs of life', async () => {
  const far = await farRun('far');
  claim(far, () => true);
  const stop = keepLock(far);
  expect(await silentOwner(far)).toBeNull();
  expect(await isUnderWay(far)).toBe(true);
  expect(() => claim(activeRun('next', self), () => true, null)).toThrow(/run far \(pid \d+ on pod-a\)/);
  stop();
  const silent = await silentOwner(far, 2_500);
  expect(await isUnderWay(far, 2_500)).toBe(false);
  expect(() => claim(activeRun('next', self), () => false, silent)).toThrow(/squall recover far/);
  claim(activeRun('next', self), () => true, silent);
  expect(listActive().map(({ run }) => run)).toEqual(['next']);
});

test('that one run elsewhere is silent says nothing of the one that has taken its place', async () => {
  const far = await farRun('far');
  claim(far, () => true);
  const silent = await silentOwner(far, 500);
  expect(silent).toContain('"far"');
  release(far);
  claim(await farRun('other'), () => true);
  expect(() => claim(activeRun('next', self), () => true, silent)).toThrow(/in use by run other/);
});

test('a lock that belongs to another run by now is not renewed', async () => {
  const first = await farRun('first');
  claim(first, () => true);
  keepLock(first);
  release(first);
  const second = await farRun('second');
  claim(second, () => true);
  expect(await silentOwner(second, 3_000)).toContain('"second"');
});

test('an environment of a ConfigMap is one, whatever the folder that its pod has for it', () => {
  const volume = path.join(directory, 'work');
  const environmentFile = path.join(volume, 'environment.yaml');
  mkdirSync(volume);
  symlinkSync('..data/environment.yaml', environmentFile);
  const locks = ['..2026_11_30_15_04_55.1234567890', '..2026_11_30_16_00_01.42'].map((made) => {
    // As a kubelet mounts it, and mounts it anew when it has changed.
    mkdirSync(path.join(volume, made));
    writeFileSync(path.join(volume, made, 'environment.yaml'), '');
    rmSync(path.join(volume, '..data'), { force: true });
    symlinkSync(made, path.join(volume, '..data'));
    return lockOf({ environmentFile });
  });
  expect(locks[1]).toBe(locks[0]);
});

test('a lock is found and released where the file of its environment is not', async () => {
  const far = await farRun('far');
  claim(far, () => true);
  release({ ...far, environmentFile: '/nowhere/else.yaml' });
  expect(listActive()).toEqual([]);
});
