import { createServer } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { freePorts } from '../../../test/free-port.ts';
import { countOf, inParallel, trials } from '../../../test/trials.ts';
import { signalIfSame } from '../../process-identity.ts';
import type { PreparedFault, ProviderSession } from '../../provider.ts';
import { NoEvidenceError } from '../../provider.ts';
import { contextOf } from '../contract.ts';
import { type OpenLoop, openIdle, startOpenLoop } from './fixtures/open-loop.ts';
import { answerOf, type StartedTree, serve, startTree } from './fixtures/trees.ts';
import { requestOf, stateOf, until } from './fixtures/world.ts';
import { treeOf } from './processes/process-tree.ts';
import { createLocalProvider } from './provider.ts';

const counts = { full: 200, sample: 8 };
/** Most of a trial is waiting: for processes to start, and for something to be seen. */
const AT_ONCE = 3;
const WATCHED_MS = 2_500;
/** A drill looks back 20 s. */
const MOST_WATCHED_MS = 18_000;

/** How a component's processes hang together. `$P` is where it listens; `fd` marks those that inherit their socket. */
const shapes = {
  'one process': { script: (port) => `exec ${serve(port)}`, parentServes: true },
  'several listeners': { script: (port, other) => `exec ${serve(other, port)}`, parentServes: true },
  wrapper: { script: (port) => `${serve(port)} & wait`, parentServes: false },
  'wrapper of a wrapper': { script: (port) => `sh -c '${serve(port)} & wait' & wait`, parentServes: false },
  'orphan in the session': {
    script: (port) => `(${serve(port)} &); sleep 600 & wait`,
    leads: true,
    parentServes: false,
  },
  'child in a session of its own': {
    script: (port) => `setsid sh -c '(${serve(port)} &); sleep 600' & wait`,
    parentServes: false,
  },
  'supervisor and server': {
    script: (port) => `while :; do ${serve(port)} & wait; done`,
    parentServes: false,
  },
  'prefork, one worker': { script: () => `${serve('fd')} & wait`, inherits: true, parentServes: false },
  'prefork, three workers': {
    script: () => `${serve('fd')} & ${serve('fd')} & ${serve('fd')} & wait`,
    inherits: true,
    parentServes: false,
  },
} satisfies Record<string, Shape>;

interface Shape {
  readonly script: (port: number, other: number) => string;
  readonly leads?: boolean;
  readonly inherits?: boolean;
  readonly parentServes: boolean;
}

const names = Object.keys(shapes) as (keyof typeof shapes)[];
const topology = fc.record({
  shape: fc.constantFrom(...names),
  /** The component that nobody uses. */
  idleShape: fc.constantFrom(...names),
  hit: fc.constantFrom('serving' as const, 'idle' as const),
  kind: fc.constantFrom('freeze' as const, 'kill' as const),
  only: fc.constantFrom('parent' as const, undefined, undefined, undefined),
  keepAlive: fc.boolean(),
  /** A client of the idle one that is connected and says nothing. */
  pooled: fc.boolean(),
  /** Somebody asks the idle one so often in a second, before the load and under it: health checks, exporters, a pooler. */
  polled: fc.constantFrom(0, 0, 0, 0.2, 0.7, 1.4, 2.5, 5, 10, 25, 50),
  /** Somebody asks the idle one 20 times at once: an exporter, a job. `phase`: of the time between two bursts, when the first comes. */
  bursts: fc.option(
    fc.record({
      everyMs: fc.integer({ min: 2_000, max: 7_000 }),
      phase: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { freq: 2 },
  ),
  /** And the serving one, beside the load's 50. */
  alsoPolled: fc.constantFrom(0, 0, 1.4, 5, 10),
  /** Somebody restarts the target while the fault is in. */
  restarts: fc.constantFrom(true, false, false),
});
type Topology = typeof topology extends fc.Arbitrary<infer One> ? One : never;

it('over seeded topologies: use and effect are proven exactly where something that serves is hit', {
  timeout: 60_000 + countOf(counts) * 15_000,
}, async () => {
  const { count, seed } = trials('topologies', counts);
  const drawn = fc.sample(topology, { seed, numRuns: count });
  const failures: string[] = [];
  await inParallel(count, AT_ONCE, async (index) => {
    const one = drawn[index] as Topology;
    await tryOut(one).catch((error: unknown) => {
      failures.push(`${index}: ${JSON.stringify(one)}: ${String(error)}`);
    });
  });
  expect(failures).toEqual([]);
});

async function tryOut(one: Topology): Promise<void> {
  const cleanups: (() => unknown)[] = [];
  try {
    await liveThrough(one, cleanups);
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

async function liveThrough(one: Topology, cleanups: (() => unknown)[]): Promise<void> {
  const { hit, kind, only } = one;
  const [serving, idle] = [await start(one.shape, cleanups), await start(one.idleShape, cleanups)];
  if (one.pooled) {
    const socket = openIdle(idle.port);
    cleanups.push(() => socket.destroy());
  }
  poll(idle.port, one.polled, one, cleanups);
  if (one.bursts !== null) {
    const { everyMs, phase } = one.bursts;
    const poller = startOpenLoop(idle.port, {
      keepAlive: false,
      everyMs,
      firstMs: phase * everyMs,
      atOnce: 20,
    });
    cleanups.push(() => poller.close());
  }
  poll(serving.port, one.alsoPolled, one, cleanups);
  const target = hit === 'serving' ? serving : idle;
  const isHit = hit === 'serving' && (only === undefined || shapes[one.shape].parentServes);
  const fault = {
    kind,
    ...(kind === 'freeze' && { for: '5s' }),
    params: { lastHealthy: true, ...(only && { only }) },
  };
  const request = requestOf(fault, { process: { pidFile: target.tree.pidFile } });
  const provider = createLocalProvider();
  const session = await provider.open(contextOf(request), within());
  cleanups.push(() => session.close());
  const watch = (session as Required<ProviderSession>).watchUse(request);
  cleanups.push(() => watch.close());
  const began = Date.now();
  await watch.ready;
  const quiet = { from: began, to: Date.now() };
  const load = startOpenLoop(serving.port, { keepAlive: one.keepAlive, everyMs: 20 });
  cleanups.push(() => load.close());
  await until(() => load.since(0) > 0);
  const from = Date.now();
  await wait(WATCHED_MS);
  const { targets } = await provider.resolve(request, within());
  const prepared = await session.prepare(request, targets, within());
  const ask = () => watch.between(targets, { from, to: Date.now(), quiet });
  let use = await ask();
  // On a machine that is busy with other things looks take longer than that, and a server may stand still for a while.
  const isUnclear = () => use.seen[0]?.includes('watched for long enough') || (isHit && use.inUse === null);
  while (isUnclear() && Date.now() - from < MOST_WATCHED_MS) {
    await wait(WATCHED_MS);
    use = await ask();
  }
  await prepared.act(within());
  const isPolled = hit === 'idle' ? one.polled > 0 || one.bursts !== null : one.alsoPolled > 0;
  if (!isHit && isPolled) expect([false, null], use.seen.join('; ')).toContain(use.inUse);
  else expect(use.inUse, use.seen.join('; ')).toBe(isHit);
  await prepared.observe(within());
  await expectEffect(load, isHit);
  if (one.restarts) await endAll(target);
  if (kind === 'freeze') await prepared.revert(within());
  if (kind === 'kill' || one.restarts) await replace(target, one, prepared, cleanups);
  await prepared.observeEnd(within(15_000));
  for (const pid of target.pids) expect(stateOf(pid)).not.toBe('stopped');
  if (kind === 'freeze' && !one.restarts && isHit) await expectBack(load);
}

function poll(port: number, perSecond: number, { keepAlive }: Topology, cleanups: (() => unknown)[]): void {
  if (perSecond === 0) return;
  const poller = startOpenLoop(port, { keepAlive, everyMs: 1_000 / perSecond });
  cleanups.push(() => poller.close());
}

/** A fault on what serves shows in the load; one on anything else does not. */
async function expectEffect(load: OpenLoop, isHit: boolean): Promise<void> {
  await wait(50); // What was on its way.
  const from = Date.now();
  await wait(300);
  if (isHit) expect(load.since(from)).toBe(0);
  else await until(() => load.since(from) > 0);
}

async function expectBack(load: OpenLoop): Promise<void> {
  const from = Date.now();
  await until(() => load.since(from) > 0);
}

/** Somebody else ends what was hit: with a kill of the parent alone, what it left behind. */
async function endAll({ tree, pids }: Component): Promise<void> {
  for (const one of [...treeOf(tree.root).members]) signalIfSame(one, 'SIGKILL');
  for (const pid of pids) if (stateOf(pid) !== 'gone') process.kill(pid, 'SIGKILL');
  await until(() => pids.every((pid) => stateOf(pid) === 'gone'));
}

/** A new tree on the same port. As long as what an earlier one left behind has the port, it is not back. */
async function replace(
  target: Component,
  { kind, only, hit, shape, idleShape }: Topology,
  prepared: PreparedFault,
  cleanups: (() => unknown)[],
): Promise<void> {
  const name = hit === 'serving' ? shape : idleShape;
  const isLeft = target.pids.some((pid) => stateOf(pid) !== 'gone');
  if (kind === 'kill' && only === undefined) expect(isLeft).toBe(false);
  if (kind === 'kill' && isLeft && !shapes[name].parentServes) {
    const vain = await startTree('sleep 600 & wait');
    cleanups.push(() => vain.close());
    target.tree.renames(vain.root);
    await expect(prepared.observeEnd(within(200))).rejects.toThrow(NoEvidenceError);
  }
  await endAll(target);
  const next = await start(name, cleanups, target);
  target.tree.renames(next.tree.root);
}

interface Component {
  readonly port: number;
  readonly other: number;
  readonly tree: StartedTree;
  /** All processes that it began with. */
  readonly pids: readonly number[];
}

async function start(
  name: keyof typeof shapes,
  cleanups: (() => unknown)[],
  at?: { readonly port: number; readonly other: number },
): Promise<Component> {
  const [port = 0, other = 0] = at === undefined ? await freePorts(2) : [at.port, at.other];
  const { script, leads = false, inherits = false }: Shape = shapes[name];
  const tree = inherits
    ? await withListening(port, (fd) => startTree(script(port, other), { fd }))
    : await startTree(script(port, other), { leads });
  cleanups.push(() => tree.close());
  await until(async () => (await answerOf(port)) !== undefined);
  const workers = name === 'prefork, three workers' ? 4 : 2;
  if (inherits) await until(() => treeOf(tree.root).members.length === workers);
  tree.note();
  return { port, other, tree, pids: treeOf(tree.root).members.map(({ pid }) => pid) };
}

/** Opens the socket that the tree inherits, and keeps it no longer than that. */
async function withListening(port: number, work: (fd: number) => Promise<StartedTree>): Promise<StartedTree> {
  const server = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { fd } = (server as unknown as { readonly _handle: { readonly fd: number } })._handle;
  try {
    return await work(fd);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

function within(ms = 10_000): AbortSignal {
  return AbortSignal.timeout(ms);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
