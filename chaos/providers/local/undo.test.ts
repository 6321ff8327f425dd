import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import { freePorts } from '../../../test/free-port.ts';
import { packageRoot } from '../../package-root.ts';
import { isAlive } from '../../process-identity.ts';
import type { FaultRequest, UndoRecord } from '../../provider.ts';
import { contextOf } from '../contract.ts';
import { localComponent } from './component.ts';
import { ended, requestOf, startEcho, startReplicas, temporaryDirectory, until } from './fixtures/world.ts';
import { announcementOf } from './link/announce.ts';
import { probeLink } from './link/probe.ts';
import { createLocalProvider } from './provider.ts';

// Processes are started and ended here: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 30_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
const within = (ms = 5000) => AbortSignal.timeout(ms);
const provider = createLocalProvider();

it('lets a frozen process continue when its command is typed', async () => {
  const replicas = startReplicas(1);
  cleanups.push(replicas.close);
  const [record] = await inject(
    requestOf({ kind: 'freeze', for: '5s' }, { process: { pidFiles: replicas.pidFiles } }),
  );
  await until(() => replicas.states()[0]?.endsWith('stopped'));
  type(record);
  await until(() => replicas.states()[0]?.endsWith('runs'));
  expect((await undo(record)).state).toBe('nothing-to-undo');
});

it('does not run its command on another process that has the pid', async () => {
  const replicas = startReplicas(1);
  cleanups.push(replicas.close);
  const [record] = await inject(
    requestOf({ kind: 'freeze', for: '5s' }, { process: { pidFiles: replicas.pidFiles } }),
  );
  await until(() => replicas.states()[0]?.endsWith('stopped'));
  const target = dataOf(record).process as { start: string };
  execFileSync('sh', ['-c', (record?.command ?? '').replace(target.start, `${target.start}9`)]);
  expect(replicas.states()[0]).toMatch(/stopped$/);
});

it('tells a process to go on also where it seems to run: its stop may be on its way', async () => {
  const { directory, remove } = temporaryDirectory();
  const said = `${directory}/said`;
  const child = spawn('sh', [
    '-c',
    `trap 'echo on >> ${said}' CONT; echo ready > ${said}; while :; do sleep 0.02; done`,
  ]);
  cleanups.push(remove, () => ended(child, 'SIGKILL'));
  await until(() => existsSync(said));
  const pidFile = `${directory}/target.pid`;
  writeFileSync(pidFile, String(child.pid));
  const session = await provider.open(
    contextOf(requestOf({ kind: 'freeze', for: '5s' }, { process: { pidFile } })),
    within(),
  );
  cleanups.push(() => session.close());
  const request = requestOf({ kind: 'freeze', for: '5s' }, { process: { pidFile } });
  const { targets } = await provider.resolve(request, within());
  const { undo: records } = await session.prepare(request, targets, within());
  expect(await undo(records[0])).toMatchObject({
    state: 'nothing-to-undo',
    detail: expect.stringMatching(/is running/),
  });
  await until(() => readFileSync(said, 'utf8').includes('on'));
});

it('ends burners when their command is typed', async () => {
  const replicas = startReplicas(1);
  cleanups.push(replicas.close);
  const fault = { kind: 'stress', for: '5s', params: { cpu: { workers: 2, load: 10 } } };
  const [record] = await inject(requestOf(fault, { process: { pidFiles: replicas.pidFiles } }));
  const burners = dataOf(record).burners as { pid: number; start: string }[];
  expect(burners.every(isAlive)).toBe(true);
  type(record);
  await until(() => !burners.some(isAlive));
  expect((await undo(record)).state).toBe('nothing-to-undo');
});

it('does not write an announcement through a link that somebody else has laid', () => {
  const { directory, remove } = temporaryDirectory();
  cleanups.push(remove);
  const [file, ours] = [`${directory}/link.address`, `${directory}/ours`];
  writeFileSync(ours, 'ours');
  symlinkSync(ours, `${file}.${process.pid}.draft`);
  announcementOf('link', file, '127.0.0.1:9001').publish();
  expect(readFileSync(ours, 'utf8')).toBe('ours');
  expect(readFileSync(file, 'utf8').trim()).toBe('127.0.0.1:9001');
});

it.each([
  '127.0.0.1',
  'localhost',
  '[::1]',
  '10.254.254.254',
  '172.17.254.254',
  '172.31.254.254',
  '192.168.254.254',
])('removes what a run that died has announced at %s, where a link may listen', async (host) => {
  const { directory, remove } = temporaryDirectory();
  cleanups.push(remove);
  const announce = `${directory}/link.address`;
  const listen = `${host}:${(await freePorts(1))[0]}`;
  localComponent.parse({ provider: 'local', link: { listen, upstream: '127.0.0.1:1', announce } });
  const { record, publish } = announcementOf('link', announce, listen);
  publish();
  const carrier = { pid: process.pid, start: 'another boot:1' };
  expect(await undo({ ...record, data: { ...record.data, carrier } })).toMatchObject({ state: 'undone' });
  expect(existsSync(announce)).toBe(false);
});

it('removes an announcement only while it announces this link', async () => {
  const { carrier, announce, announced } = await carryElsewhere();
  await ended(carrier, 'SIGKILL');
  writeFileSync(announce, '127.0.0.1:1\n');
  expect((await undo(announced)).state).toBe('nothing-to-undo');
  type(announced);
  expect(readFileSync(announce, 'utf8')).toBe('127.0.0.1:1\n');
});

it('heals a link by the end of the process that carried it, killed at any time, and removes its announcement', async () => {
  const { carrier, announce, healing, announced, address } = await carryElsewhere();
  carrier.kill('SIGKILL');
  // Immediately: the death may be noticed before the kernel has finished it.
  const [healed, removed] = await Promise.all([undo(healing), undo(announced)]);
  expect(healed.state).toBe('nothing-to-undo');
  expect(removed.state).toBe('undone');
  expect(existsSync(announce)).toBe(false);
  expect((await probeLink(address, 1000)).outcome).toBe('refused');
  expect((await undo(announced)).state).toBe('nothing-to-undo');
});

it('says that only the carrier can heal its link while that lives, and the command ends it', async () => {
  const { carrier, announce, healing, announced } = await carryElsewhere();
  const [healed, removed] = await Promise.all([undo(healing), undo(announced)]);
  expect(healed).toMatchObject({ state: 'failed', detail: expect.stringContaining(String(carrier.pid)) });
  expect(removed.state).toBe('failed');
  type(healing);
  await until(() => carrier.signalCode === 'SIGKILL');
  type(announced);
  expect(existsSync(announce)).toBe(false);
});

it('fails an undo whose record is not what it should be, and touches nothing', async () => {
  for (const action of ['continue', 'heal-link', 'remove-announcement', 'end-burners']) {
    const record = {
      id: 'x',
      provider: 'local',
      fault: 'x',
      action,
      data: {},
      describe: 'x',
      command: 'true',
    };
    expect((await undo(record)).state).toBe('failed');
  }
});

/** A fault that is in, and what has been armed for it. */
async function inject(request: FaultRequest): Promise<readonly UndoRecord[]> {
  const session = await provider.open(contextOf(request), within());
  cleanups.push(() => session.close());
  const { targets } = await provider.resolve(request, within());
  const prepared = await session.prepare(request, targets, within());
  await prepared.act(within());
  return prepared.undo;
}

/** The same in a process of its own, which stands for an orchestrator that dies or hangs. */
async function carryElsewhere() {
  const echo = await startEcho();
  const { directory, remove } = temporaryDirectory();
  const announce = path.join(directory, 'link.address');
  const address = `127.0.0.1:${(await freePorts(1))[0]}`;
  const request = requestOf(
    { kind: 'partition', for: '5s' },
    { link: { listen: address, upstream: echo.upstream, announce } },
  );
  const compiled = path.join(packageRoot(), 'dist', 'chaos', 'providers', 'local', 'provider.js');
  const program = fileURLToPath(new URL('./fixtures/carrier.mjs', import.meta.url));
  const carrier: ChildProcess = spawn(
    process.execPath,
    [program, pathToFileURL(compiled).href, JSON.stringify(request)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  cleanups.push(remove, echo.close, () => ended(carrier, 'SIGKILL'));
  let printed = '';
  carrier.stdout?.on('data', (text) => {
    printed += text;
  });
  await until(() => printed.endsWith('\n'));
  const records = JSON.parse(printed) as UndoRecord[];
  const find = (action: string) => records.find((record) => record.action === action);
  return { carrier, announce, address, healing: find('heal-link'), announced: find('remove-announcement') };
}

function dataOf(record: UndoRecord | undefined): Readonly<Record<string, unknown>> {
  if (record === undefined) throw new Error('nothing was armed');
  return record.data;
}

function undo(record: UndoRecord | undefined) {
  if (record === undefined) throw new Error('nothing was armed');
  return provider.undo(record, within());
}

function type(record: UndoRecord | undefined): void {
  execFileSync('sh', ['-c', record?.command ?? 'exit 1']);
}
