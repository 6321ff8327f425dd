import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countOf, holds } from '../../../test/trials.ts';
import { identify, isAlive, isStopped, type ProcessIdentity } from '../../process-identity.ts';
import type { PreparedFault } from '../../provider.ts';
import { contextOf } from '../contract.ts';
import { canReusePids, PidTakenError, spawnWithPid } from './fixtures/reuse-pid.ts';
import { startTree } from './fixtures/trees.ts';
import { ended, requestOf, stateOf, until } from './fixtures/world.ts';
import { createLocalProvider } from './provider.ts';

/** A shell, a shell below it, and what that waits for. */
const TREE = `sh -c 'sleep 600 & echo $! > grandchild; wait' & echo $! > child; wait`;
const counts = { full: 200, sample: 20 };
const runs = countOf(counts);
const mishap = fc.record({
  kind: fc.constantFrom('kill', 'freeze', 'stress'),
  /** dies: for good. restarts: the pid file names a new process. reused: another process has its pid. */
  mishap: fc.constantFrom('dies', 'restarts', ...(canReusePids ? ['reused'] : [])),
  when: fc.constantFrom('before it goes in', 'while it is in', 'before it is undone'),
  /** Which process of the tree; a stress has burners instead. */
  victim: fc.constantFrom('parent', 'child', 'grandchild'),
});
type Mishap = typeof mishap extends fc.Arbitrary<infer One> ? One : never;

it(
  `signals no other process when its target dies, restarts or${canReusePids ? '' : ' (not without root:)'} has its pid reused in mid-fault`,
  { timeout: 30_000 + runs * 4000 },
  () =>
    holds(
      'mishaps in mid-fault',
      fc.asyncProperty(mishap, (one) => withPidsOfOurOwn(() => liveThrough(one))),
      counts,
    ),
);

/** Other programs start processes, too: what they were faster at is tried again with other pids. */
async function withPidsOfOurOwn(trial: () => Promise<void>): Promise<void> {
  for (let left = 10; ; left -= 1) {
    try {
      return await trial();
    } catch (error) {
      if (!(error instanceof PidTakenError) || left === 0) throw error;
    }
  }
}

async function liveThrough({ kind, mishap, when, victim: name }: Mishap): Promise<void> {
  const provider = createLocalProvider();
  const children: ChildProcess[] = [];
  const tree = await startTree(TREE);
  const { pidFile } = tree;
  const pids = {
    parent: tree.root.pid,
    child: await tree.pid('child'),
    grandchild: await tree.pid('grandchild'),
  };
  const request = requestOf(faultOf(kind), { process: { pidFile } });
  const session = await provider.open(contextOf(request), within());
  try {
    const { targets } = await provider.resolve(request, within());
    const prepared = await session.prepare(request, targets, within());
    const victim = kind === 'stress' ? burnerOf(prepared) : pids[name];
    let bystander: ChildProcess | undefined;
    if (when === 'before it goes in') bystander = await strike(victim);
    await prepared.act(within()).catch(() => {});
    if (when === 'while it is in') bystander = await strike(victim);
    await prepared.observe(AbortSignal.timeout(kind === 'stress' ? 100 : 20)).catch(() => {});
    if (when === 'before it is undone') bystander = await strike(victim);
    await prepared.revert(within());
    for (const record of [...prepared.undo, ...prepared.undo]) {
      expect((await provider.undo(record, within())).state).not.toBe('failed');
    }
    if (bystander) expectUntouched(bystander);
    for (const pid of Object.values(pids)) {
      if (pid !== bystander?.pid) expect(stateOf(pid), `${kind}: pid ${pid}`).not.toBe('stopped');
    }
  } finally {
    await session.close();
    for (const child of children) await ended(child, 'SIGKILL');
    await tree.close();
  }

  function start(): ChildProcess {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    children.push(child);
    if (name === 'parent') writeFileSync(pidFile, String(child.pid));
    return child;
  }

  /** Whoever is there afterwards is stopped: SIGCONT would show at once, and so would anything that ends it. */
  async function strike(victim: number): Promise<ChildProcess | undefined> {
    const identity = identify(victim);
    if (identity !== null) process.kill(victim, 'SIGKILL');
    await until(() => identity === null || !isAlive(identity));
    if (mishap === 'dies') {
      if (name === 'parent') rmSync(pidFile, { force: true });
      return undefined;
    }
    // A stopped parent does not collect its child, so until it continues nobody else can get the pid.
    if (mishap === 'reused' && name !== 'parent' && kind === 'freeze' && when !== 'before it goes in') {
      return undefined;
    }
    const next = mishap === 'restarts' ? start() : await reuse(victim, identity);
    process.kill(next.pid ?? 0, 'SIGSTOP');
    await until(() => stoppedNow(next));
    return next;
  }

  /** Linux tells two processes with one pid apart by the tick (10 ms) of their start; no pid comes round within one. */
  async function reuse(pid: number, before: ProcessIdentity | null): Promise<ChildProcess> {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      // Node reaps a child when its event loop turns; until then the zombie keeps the pid.
      await until(() => !exists(pid));
      const child = spawnWithPid(pid);
      children.push(child);
      if (before === null || !isAlive(before)) {
        if (name === 'parent') writeFileSync(pidFile, String(child.pid));
        return child;
      }
      await ended(child, 'SIGKILL');
    }
    throw new Error(`pid ${pid} was not reused in a later tick`);
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function expectUntouched(bystander: ChildProcess): void {
  expect({ exit: bystander.exitCode, signal: bystander.signalCode, stopped: stoppedNow(bystander) }).toEqual({
    exit: null,
    signal: null,
    stopped: true,
  });
}

function stoppedNow(child: ChildProcess): boolean {
  const identity = identify(child.pid ?? 0);
  return identity !== null && isStopped(identity);
}

function faultOf(kind: string): Record<string, unknown> {
  if (kind === 'kill') return { kind };
  return kind === 'freeze'
    ? { kind, for: '5s' }
    : { kind, for: '5s', params: { cpu: { workers: 1, load: 10 } } };
}

function burnerOf({ undo }: PreparedFault): number {
  const [record] = undo;
  if (record === undefined) throw new Error('burners are armed');
  return (record.data.burners as { pid: number }[])[0]?.pid ?? 0;
}

function within(): AbortSignal {
  return AbortSignal.timeout(5000);
}
