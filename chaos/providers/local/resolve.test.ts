import { spawn } from 'node:child_process';
import { chownSync, lchownSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { type StoreNode, selectPrimary } from './faults/data-store.ts';
import { ended, requestOf, startReplicas, stateOf, temporaryDirectory } from './fixtures/world.ts';
import { createLocalProvider } from './provider.ts';

// On a busy machine even small things take their time.
vi.setConfig({ testTimeout: 30_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
const resolve = (fault: Record<string, unknown>, form: Record<string, unknown>) =>
  createLocalProvider().resolve(requestOf(fault, form), AbortSignal.timeout(5000));

/** The signal takes effect when its process gets to it. */
async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await vi.waitUntil(() => stateOf(pid) === 'stopped', { timeout: 20_000 });
}

it('names a replica by its pid file and pid, and counts the healthy', async () => {
  const replicas = startReplicas(3);
  cleanups.push(replicas.close);
  const [first = 0, second = 0] = replicas.pids();
  await stop(first);
  const { candidates, targets, healthy } = await resolve(
    { kind: 'kill' },
    { process: { pidFiles: replicas.pidFiles } },
  );
  expect(candidates.map(({ label }) => label)).toContain(`replica-1 (pid ${first})`);
  expect(targets.map(({ label }) => label)).toEqual([`replica-2 (pid ${second})`]);
  expect(healthy).toBe(2);
});

it('does not freeze what is stopped already', async () => {
  const replicas = startReplicas(1);
  cleanups.push(replicas.close);
  await stop(replicas.pids()[0] ?? 0);
  const resolving = resolve({ kind: 'freeze', for: '5s' }, { process: { pidFiles: replicas.pidFiles } });
  await expect(resolving).rejects.toMatchObject({ name: 'ProviderError', fix: expect.stringMatching(/\w/) });
});

it('refuses a component whose pid files are missing, empty, garbled or of the dead', async () => {
  const { directory, remove } = temporaryDirectory();
  cleanups.push(remove);
  const pidFile = `${directory}/x.pid`;
  const dead = spawn('true');
  await new Promise((done) => dead.once('exit', done));
  for (const text of [undefined, '', 'abc', '-1', '0', '12 34', '99999999999999', String(dead.pid)]) {
    if (text === undefined) rmSync(pidFile, { force: true });
    else writeFileSync(pidFile, text);
    await expect(resolve({ kind: 'kill' }, { process: { pidFile } })).rejects.toThrow(
      /no process is running/,
    );
  }
});

it('never hits who has the pid of a component that died long ago', async () => {
  const replicas = startReplicas(1);
  cleanups.push(replicas.close);
  const [pidFile = ''] = replicas.pidFiles;
  const anHourAgo = Date.now() / 1000 - 3_600;
  utimesSync(pidFile, anHourAgo, anHourAgo);
  for (const kind of ['kill', 'freeze', 'stress']) {
    const fault = {
      kind,
      ...(kind !== 'kill' && { for: '5s' }),
      ...(kind === 'stress' && { params: { cpu: { workers: 1 } } }),
    };
    await expect(resolve(fault, { process: { pidFile } })).rejects.toThrow('another process by now');
  }
});

it.skipIf(process.getuid?.() !== 0)(
  "does not hit in root's name what a file of somebody else names, unless it is that user's own",
  async () => {
    const replicas = startReplicas(1);
    cleanups.push(replicas.close);
    const [pidFile = ''] = replicas.pidFiles;
    chownSync(pidFile, 12_345, 12_345);
    const hit = () => resolve({ kind: 'kill' }, { process: { pidFile } });
    await expect(hit()).rejects.toThrow('belongs to the user 12345');
    const own = spawn('sleep', ['60'], { stdio: 'ignore', uid: 12_345 });
    cleanups.push(() => ended(own, 'SIGKILL'));
    writeFileSync(pidFile, String(own.pid));
    expect((await hit()).targets).toHaveLength(1);
  },
);

it.skipIf(process.getuid?.() !== 0)(
  "does not hit in root's name what somebody else's link leads to, or lies in somebody else's folder",
  async () => {
    const replicas = startReplicas(1);
    const { directory, remove } = temporaryDirectory();
    cleanups.push(replicas.close, remove);
    const pidFile = `${directory}/theirs.pid`;
    symlinkSync(replicas.pidFiles[0] ?? '', pidFile);
    const hit = () => resolve({ kind: 'kill' }, { process: { pidFile } });
    expect((await hit()).targets).toHaveLength(1);
    lchownSync(pidFile, 12_345, 12_345);
    await expect(hit()).rejects.toThrow('as a link, belongs to the user 12345');
    lchownSync(pidFile, 0, 0);
    chownSync(directory, 12_345, 12_345);
    await expect(hit()).rejects.toThrow(`${directory} belongs to the user 12345`);
  },
);

it('does not take one process behind two pid files for two replicas', async () => {
  const replicas = startReplicas(1);
  cleanups.push(replicas.close);
  const [pidFile = ''] = replicas.pidFiles;
  const alias = `${pidFile}.alias`;
  symlinkSync(pidFile, alias);
  const resolving = resolve({ kind: 'kill' }, { process: { pidFiles: [pidFile, alias] } });
  await expect(resolving).rejects.toThrow('name the same process');
});

it('never hits squall itself, what started it, or pid 1', async () => {
  const { directory, remove } = temporaryDirectory();
  cleanups.push(remove);
  const pidFile = `${directory}/x.pid`;
  for (const pid of [process.pid, process.ppid, 1]) {
    writeFileSync(pidFile, String(pid));
    await expect(resolve({ kind: 'kill' }, { process: { pidFile } })).rejects.toThrow(
      /squall itself or one of its parents/,
    );
  }
});

it('burns beside what it may not signal, as long as that runs', async () => {
  const replicas = startReplicas(1);
  cleanups.push(replicas.close);
  const [pidFile = ''] = replicas.pidFiles;
  const [pid = 0] = replicas.pids();
  const cpu = { kind: 'stress', for: '5s', params: { cpu: { workers: 1 } } };
  const signalling = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  cleanups.push(() => signalling.mockRestore());
  await expect(resolve({ kind: 'kill' }, { process: { pidFile } })).rejects.toThrow(
    'belongs to another user',
  );
  const { targets } = await resolve(cpu, { process: { pidFile } });
  expect(targets[0]?.label).toContain('the machine of target');
  expect(targets[0]?.details?.join()).toContain(`(pid ${pid}): `);
  signalling.mockRestore();
  await stop(pid);
  await expect(resolve(cpu, { process: { pidFile } })).rejects.toThrow(
    `component target is stopped (replica-1 (pid ${pid})), and what does not run cannot be put under stress`,
  );
});

it('refuses a kind that the form of the component cannot have', async () => {
  const link = { listen: '127.0.0.1:1', upstream: '127.0.0.1:2' };
  await expect(resolve({ kind: 'kill' }, { link })).rejects.toMatchObject({
    fix: 'kinds for a link: partition, latency',
  });
});

it('refuses a one-way reset: it ends the whole connection', async () => {
  const link = { listen: '127.0.0.1:1', upstream: '127.0.0.1:2' };
  const fault = { kind: 'partition', for: '5s', params: { mode: 'reset', direction: 'to' } };
  await expect(resolve(fault, { link })).rejects.toThrow(/no direction/);
});

it('takes the primary of a data store, whose pid file must be about that very server', async () => {
  const { directory, remove } = temporaryDirectory();
  const child = spawn('sleep', ['60']);
  cleanups.push(remove, () => ended(child, 'SIGKILL'));
  writeFileSync(`${directory}/a.pid`, String(child.pid));
  const node = (name: string, role: StoreNode['role'], reportedPid = child.pid): StoreNode => ({
    name,
    pidFile: `${directory}/a.pid`,
    role,
    reportedPid,
    problem: role === undefined ? 'connection refused' : undefined,
  });
  expect(selectPrimary('db', [node('a', 'primary'), node('b', 'standby')]).targets[0]?.label).toMatch(
    /^a \(pid/,
  );
  const refused = (nodes: StoreNode[]) => () => selectPrimary('db', nodes);
  expect(refused([node('a', undefined), node('b', 'standby')])).toThrow(/no primary \(a: connection refused/);
  expect(refused([node('a', 'primary'), node('b', 'primary')])).toThrow(/2 primaries/);
  expect(refused([node('a', 'primary'), node('b', undefined)])).toThrow(/no standby/);
  expect(refused([node('a', 'primary', 4_000_000), node('b', 'standby')])).toThrow(/but a is pid 4000000/);
});
