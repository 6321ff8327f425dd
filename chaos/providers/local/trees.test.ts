import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { freePorts } from '../../../test/free-port.ts';
import { identify, isAlive, isStopped } from '../../process-identity.ts';
import type { PreparedFault, UndoRecord } from '../../provider.ts';
import { NoEvidenceError } from '../../provider.ts';
import { contextOf } from '../contract.ts';
import { answerOf, type StartedTree, serve, startTree, type TreeOptions } from './fixtures/trees.ts';
import { requestOf, stateOf, until } from './fixtures/world.ts';
import { treeOf } from './processes/process-tree.ts';
import { createLocalProvider } from './provider.ts';

// Processes are started and ended here: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
const within = (ms = 10_000) => AbortSignal.timeout(ms);
const provider = createLocalProvider();
const freeze = { kind: 'freeze', for: '5s' };
const kill = { kind: 'kill' };

it('freezes a wrapper with its server, and the undo of a stranger lets both go on', async () => {
  const tree = await start('sleep 600 & echo $! > child; wait');
  const child = await tree.pid('child');
  const { prepared } = await prepare(freeze, tree);
  await prepared.act(within());
  const { seen } = await prepared.observe(within());
  expect(seen[0]).toMatch(new RegExp(`and all of its tree \\(pid ${child}\\) are stopped`));
  expect([stateOf(tree.root.pid), stateOf(child)]).toEqual(['stopped', 'stopped']);
  const [record] = prepared.undo as [UndoRecord];
  expect(await provider.undo(record, within())).toMatchObject({ state: 'undone' });
  expect([stateOf(tree.root.pid), stateOf(child)]).toEqual(['runs', 'runs']);
  expect(await provider.undo(record, within())).toMatchObject({ state: 'nothing-to-undo' });
  await prepared.observeEnd(within());
});

it('stops only the named process when that is asked for', async () => {
  const tree = await start('sleep 600 & echo $! > child; wait');
  const child = await tree.pid('child');
  const { prepared } = await prepare({ ...freeze, params: { only: 'parent' } }, tree);
  await prepared.act(within());
  await prepared.observe(within());
  expect([stateOf(tree.root.pid), stateOf(child)]).toEqual(['stopped', 'runs']);
  await prepared.revert(within());
  await prepared.observeEnd(within());
  expect(stateOf(tree.root.pid)).toBe('runs');
});

it('freezes an orphan that is still in the session that the root leads, and thaws it', async () => {
  const tree = await start('(sleep 600 & echo $! > orphan); sleep 600 & wait', { leads: true });
  const orphan = await tree.pid('orphan');
  const { prepared } = await prepare(freeze, tree);
  await prepared.act(within());
  await prepared.observe(within());
  expect(stateOf(orphan)).toBe('stopped');
  await prepared.revert(within());
  await prepared.observeEnd(within());
  expect(stateOf(orphan)).toBe('runs');
});

it('does not hit a sibling that shares the session and group of the root, which leads neither', async () => {
  // Orphans: nobody could take them for what squall itself has started.
  const script = '(sleep 600 & echo $! > one; sleep 600 & echo $! > other); sleep 600 & wait';
  const tree = await start(script, { leads: true });
  const [one, other] = [await tree.pid('one'), await tree.pid('other')];
  expect(treeOf(identified(one)).members.map(({ pid }) => pid)).toEqual([one]);
  expect(treeOf(tree.root).members.map(({ pid }) => pid)).toEqual(expect.arrayContaining([one, other]));
});

it('never counts squall, what started it, or what it started beside the root', () => {
  const parent = identified(process.ppid);
  expect(treeOf(parent).members.map(({ pid }) => pid)).not.toContain(process.pid);
});

it('finds a grandchild that leads a session of its own, and what that session holds', async () => {
  const tree = await start(
    `setsid sh -c '(sleep 600 & echo $! > orphan); echo $$ > leader; sleep 600' & wait`,
  );
  const [leader, orphan] = [await tree.pid('leader'), await tree.pid('orphan')];
  const members = treeOf(tree.root).members.map(({ pid }) => pid);
  expect(members).toEqual(expect.arrayContaining([tree.root.pid, leader, orphan]));
});

it('catches children that are born while the tree is being stopped', async () => {
  const tree = await start('while :; do sleep 0.01 & sleep 0.01; done', { leads: true });
  const { prepared, armed } = await prepare(freeze, tree);
  await prepared.act(within());
  await prepared.observe(within());
  const members = treeOf(tree.root).members;
  expect(members.every((one) => isStopped(one))).toBe(true);
  await prepared.revert(within());
  await prepared.observeEnd(within());
  expect(armed.size).toBe(0);
});

it('arms what it finds only while it stops the tree, and each record undoes its own', async () => {
  const tree = await start('mkfifo go; echo $$ > ready; read it < go; sleep 600 & echo $! > late; wait');
  await tree.pid('ready');
  const { prepared, armed } = await prepare(freeze, tree);
  writeFileSync(path.join(tree.directory, 'go'), 'on\n');
  const late = await tree.pid('late');
  await prepared.act(within());
  await prepared.observe(within());
  expect([...armed.values()].map(({ data }) => data.members)).toEqual([[identified(late)]]);
  // Its parent is ended by somebody else: nothing but its own record names it now.
  process.kill(tree.root.pid, 'SIGKILL');
  await until(() => !isAlive(tree.root));
  expect(stateOf(late)).toBe('stopped');
  for (const record of armed.values()) expect((await provider.undo(record, within())).state).toBe('undone');
  expect(stateOf(late)).toBe('runs');
});

it('a child that somebody lets go on early ends the freeze', async () => {
  const tree = await start('sleep 600 & echo $! > child; wait');
  const child = await tree.pid('child');
  const { prepared } = await prepare(freeze, tree);
  await prepared.act(within());
  await prepared.observe(within());
  process.kill(child, 'SIGCONT');
  const at = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 200));
  await prepared.revert(within());
  const end = await prepared.observeEnd(within());
  expect(end.at - at).toBeLessThan(190);
  expect(end.seen[0]).toContain(`pid ${child} of its tree runs again`);
});

it('kills a wrapper with its server: nothing serves its port any more', async () => {
  const [port = 0] = await freePorts(1);
  const tree = await start(`${serve(port)} & echo $! > server; wait`);
  const server = await tree.pid('server');
  await until(async () => (await answerOf(port)) === server);
  const { prepared } = await prepare(kill, tree);
  await prepared.act(within());
  const { seen } = await prepared.observe(within());
  expect(seen[0]).toMatch(
    new RegExp(`rest of its tree \\(.*pid ${server}\\); nothing of it serves 127.0.0.1:${port} any more`),
  );
  expect([stateOf(tree.root.pid), stateOf(server), await answerOf(port)]).toEqual([
    'gone',
    'gone',
    undefined,
  ]);
});

it('a supervisor inside of the tree starts nothing again', async () => {
  const tree = await start('while :; do sleep 600 & echo $! > child; wait; done');
  await tree.pid('child');
  const { prepared, armed } = await prepare(kill, tree);
  await prepared.act(within());
  await prepared.observe(within());
  expect(treeOf(tree.root).members).toEqual([]);
  expect(stateOf(await tree.pid('child'))).toBe('gone');
  expect(armed.size).toBe(0);
});

it('is no kill while what an earlier parent left behind still serves the very socket', async () => {
  const [port = 0] = await freePorts(1);
  const listening = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => listening.once('listening', resolve));
  const { fd } = (listening as unknown as { _handle: { fd: number } })._handle;
  // The worker leaves its parent, its session and its group, and keeps the socket.
  const script = `setsid sh -c '${serve('fd')} & echo $! > worker' & wait $!; sleep 600`;
  const tree = await start(script, { fd });
  const worker = await tree.pid('worker');
  listening.close();
  await until(async () => (await answerOf(port)) === worker);
  cleanups.push(() => stateOf(worker) !== 'gone' && process.kill(worker, 'SIGKILL'));
  const { prepared } = await prepare(kill, tree);
  await prepared.act(within());
  await expect(prepared.observe(within(1000))).rejects.toThrow(
    `127.0.0.1:${port} is still served by pid ${worker}`,
  );
});

it('a successor that cannot have the port is not back; one that serves it is', async () => {
  const [port = 0] = await freePorts(1);
  const tree = await start(`${serve(port)} & echo $! > server; wait`);
  await until(async () => (await answerOf(port)) !== undefined);
  const { prepared } = await prepare({ ...kill, params: { only: 'parent' } }, tree);
  await prepared.act(within());
  expect((await prepared.observe(within())).seen[0]).toContain(
    'the rest of its tree (1 process) was not hit',
  );
  const next = await start(`while :; do ${serve(port)}; sleep 0.05; done`);
  rmSync(tree.pidFile);
  writeFileSync(tree.pidFile, `${next.root.pid}\n`);
  // A look takes its time on a busy machine: what is asked for is what it says once it has looked.
  await until(async () => {
    const said = await prepared.observeEnd(within(600)).then(
      () => 'it is back',
      (error: Error) => error.message,
    );
    expect(said).not.toBe('it is back');
    return said.includes(`its next one, pid ${next.root.pid}, does not serve 127.0.0.1:${port}`);
  });
  process.kill(await tree.pid('server'), 'SIGKILL');
  expect((await prepared.observeEnd(within())).seen[0]).toContain(`is back as pid ${next.root.pid}, serving`);
});

it('waits for each port that the old tree served', async () => {
  const [one = 0, other = 0] = await freePorts(2);
  const tree = await start(`exec ${serve(one, other)}`);
  await until(async () => (await answerOf(one)) && (await answerOf(other)));
  const { prepared } = await prepare(kill, tree);
  await prepared.act(within());
  await prepared.observe(within());
  const next = await start(`exec ${serve(one)}`);
  await until(() => answerOf(one));
  writeFileSync(tree.pidFile, `${next.root.pid}\n`);
  await expect(prepared.observeEnd(within(600))).rejects.toThrow(NoEvidenceError);
});

async function start(script: string, options?: TreeOptions): Promise<StartedTree> {
  const tree = await startTree(script, options);
  cleanups.push(() => tree.close());
  return tree;
}

async function prepare(
  fault: Record<string, unknown>,
  { pidFile }: StartedTree,
): Promise<{ prepared: PreparedFault; armed: Map<string, UndoRecord> }> {
  const request = requestOf(fault, { process: { pidFile } });
  const context = contextOf(request);
  const session = await provider.open(context, within());
  cleanups.push(() => session.close());
  const { targets } = await provider.resolve(request, within());
  return { prepared: await session.prepare(request, targets, within()), armed: context.armed };
}

function identified(pid: number) {
  const identity = identify(pid);
  if (identity === null) throw new Error(`pid ${pid} is gone`);
  return identity;
}
