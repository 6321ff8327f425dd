import { afterEach, expect, it, vi } from 'vitest';
import { freePorts } from '../../../../test/free-port.ts';
import { signalIfSame } from '../../../process-identity.ts';
import type { Use } from '../../../provider.ts';
import { startOpenLoop } from '../fixtures/open-loop.ts';
import { answerOf, type StartedTree, serve, startTree } from '../fixtures/trees.ts';
import { requestOf, stateOf, until } from '../fixtures/world.ts';
import type { Finder } from '../processes/finder.ts';
import { createLocalProvider } from '../provider.ts';
import { watchProcesses } from './process-use.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(port: number): Promise<StartedTree> {
  const tree = await startTree(`exec ${serve(port)}`);
  cleanups.push(() => tree.close());
  await until(async () => (await answerOf(port)) !== undefined);
  return tree;
}

function send(port: number, perSecond: number): void {
  const loop = startOpenLoop(port, { keepAlive: false, everyMs: 1_000 / perSecond });
  cleanups.push(() => loop.close());
}

/** Watches what is known like this, and tells later what has used it since. */
async function watched(finder: Finder) {
  const watch = watchProcesses([finder]);
  cleanups.push(() => watch.close());
  const began = Date.now();
  await watch.ready;
  const quiet = { from: began, to: Date.now() };
  return async (from: number) => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const request = requestOf({ kind: 'kill', params: { lastHealthy: true } }, { process: finder });
    const { targets } = await createLocalProvider().resolve(request, AbortSignal.timeout(10_000));
    return await watch.between(targets, { from, to: Date.now(), quiet });
  };
}

/** A process is seen to be another one at the next look. */
async function toldBy(ask: (from: number) => Promise<Use>): Promise<Use> {
  for (;;) {
    const use = await ask(Date.now());
    if (!use.seen.join().includes('long enough')) return use;
  }
}

it('a process that was started again is compared with what its predecessor did before the load', async () => {
  const [port = 0] = await freePorts(1);
  const first = await start(port);
  send(port, 10);
  const use = await watched({ pidFile: first.pidFile });
  signalIfSame(first.root, 'SIGKILL');
  await until(() => stateOf(first.root.pid) === 'gone');
  first.renames((await start(port)).root);
  const polled = await toldBy(use);
  expect(polled.inUse, polled.seen.join()).toBeNull();
  expect(polled.seen.join()).toContain('no more than without the load');
  send(port, 100);
  // On a busy machine it takes longer until so many have come.
  const from = Date.now();
  await vi.waitUntil(async () => (await use(from)).inUse === true, { timeout: 25_000, interval: 1 });
});

it('of a process that was not there before the load it cannot be told', async () => {
  const [port = 0] = await freePorts(1);
  const use = await watched({ port });
  await start(port);
  send(port, 50);
  const loaded = await toldBy(use);
  expect(loaded.inUse, loaded.seen.join()).toBeNull();
  expect(loaded.seen.join()).toContain('what used it before the load is not known');
});
