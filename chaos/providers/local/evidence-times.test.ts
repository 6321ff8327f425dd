import { afterEach, expect, it, vi } from 'vitest';
import type { PreparedFault } from '../../provider.ts';
import { contextOf } from '../contract.ts';
import { type Replicas, requestOf, startReplicas, until } from './fixtures/world.ts';
import { createLocalProvider } from './provider.ts';

vi.setConfig({ testTimeout: 30_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
const within = (ms = 10_000) => AbortSignal.timeout(ms);
const BLIND_MS = 60;

it('a freeze that was looked for late says by how much its times may be early', async () => {
  const { fault } = await prepare({ kind: 'freeze', for: '5s' });
  await fault.act(within());
  seeNothing();
  const begin = await fault.observe(within());
  await fault.revert(within());
  seeNothing();
  const end = await fault.observeEnd(within());
  expect(begin.withinMs).toBeGreaterThanOrEqual(BLIND_MS);
  expect(end.withinMs).toBeGreaterThanOrEqual(BLIND_MS);
});

it('a thaw by someone else began at the earliest at the last look that saw the process frozen', async () => {
  const { fault, pids } = await prepare({ kind: 'freeze', for: '5s' });
  await fault.act(within());
  await fault.observe(within());
  const from = Date.now();
  for (const pid of pids()) process.kill(pid, 'SIGCONT');
  seeNothing();
  await fault.revert(within());
  const end = await fault.observeEnd(within());
  expect(end.at - (end.withinMs ?? 0)).toBeLessThanOrEqual(from);
  expect(end.at).toBeGreaterThanOrEqual(from + BLIND_MS);
});

it('a kill has a time within the act, however late it is looked for, and its successor says how late it was seen', async () => {
  const { fault, states, supervise } = await prepare({ kind: 'kill', params: { lastHealthy: true } });
  const from = Date.now();
  await fault.act(within());
  const to = Date.now();
  seeNothing();
  const begin = await fault.observe(within());
  expect(begin.at).toBeGreaterThanOrEqual(from);
  expect(begin.at).toBeLessThanOrEqual(to);
  supervise();
  await until(() => states()[0]?.endsWith('runs'));
  seeNothing();
  expect((await fault.observeEnd(within())).withinMs).toBeGreaterThanOrEqual(BLIND_MS);
});

async function prepare(
  options: Record<string, unknown>,
): Promise<{ readonly fault: PreparedFault } & Replicas> {
  const replicas = startReplicas(1);
  cleanups.push(replicas.close);
  await until(() => replicas.states()[0]?.endsWith('runs'));
  const request = requestOf(options, { process: { pidFiles: replicas.pidFiles } });
  const provider = createLocalProvider();
  const session = await provider.open(contextOf(request), within());
  cleanups.push(() => session.close());
  const { targets } = await provider.resolve(request, within());
  return { fault: await session.prepare(request, targets, within()), ...replicas };
}

/** What squall is like on a machine that gives it no time. */
function seeNothing(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLIND_MS + 1);
}
