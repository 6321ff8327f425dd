import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { freePorts } from '../../../../../test/free-port.ts';
import { packageRoot } from '../../../../package-root.ts';
import type { FaultRequest, UndoRecord } from '../../../../provider.ts';
import { contextOf } from '../../../contract.ts';
import { ended, requestOf, startEcho, temporaryDirectory, until } from '../../fixtures/world.ts';
import { createLocalProvider } from '../../provider.ts';
import { openLink } from '../link.ts';

// Processes are started and ended here: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 60_000 });

const cleanups: (() => unknown)[] = [];
let directory: string;
beforeEach(() => {
  const made = temporaryDirectory();
  directory = made.directory;
  cleanups.push(made.remove);
  vi.stubEnv('XDG_STATE_HOME', path.join(directory, 'state'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  vi.unstubAllEnvs();
});
const within = (ms = 20_000) => AbortSignal.timeout(ms);
const provider = createLocalProvider();
const dist = (name: string) => path.join(packageRoot(), 'dist', name);

it('drills put every fault of a link into one that is kept, take it out, and leave it open', async () => {
  const { echo, address, link, keeper } = await keep();
  echo.talkTo(() => address);
  for (const [kind, params] of [
    ['partition', { mode: 'blackhole' }],
    ['partition', { mode: 'reset' }],
    ['partition', { mode: 'refuse' }],
    ['latency', { delay: '40ms' }],
  ] as const) {
    const request = requestOf({ kind, params, for: '5s' }, { link });
    const context = contextOf(request);
    const session = await provider.open(context, within());
    await session.announce?.();
    const { targets } = await provider.resolve(request, within());
    expect(targets[0]?.details?.at(-1)).toBe(`kept open by squall link (pid ${keeper.pid})`);
    const prepared = await session.prepare(request, targets, within());
    await prepared.act(within());
    await prepared.observe(within());
    await prepared.revert(within());
    await prepared.observeEnd(within());
    await session.close();
    expect([params, await talks(address), context.armed.size]).toEqual([params, true, 0]);
  }
  const other = { ...link, upstream: '127.0.0.1:1' };
  const refused = requestOf({ kind: 'partition', for: '5s' }, { link: other });
  await expect(provider.open(contextOf(refused), within())).rejects.toThrow(
    `is kept open by pid ${keeper.pid} with another upstream`,
  );
});

it('a drill that is killed leaves nothing in a link that is kept, and its undo sees to it', async () => {
  const { echo, address, link } = await keep();
  echo.talkTo(() => address);
  const request = requestOf({ kind: 'partition', for: '5s' }, { link });
  const { drill, armed } = await cutElsewhere(request);
  expect(await talks(address, 300)).toBe(false);
  await ended(drill, 'SIGKILL');
  const healing = armed.find(({ action }) => action === 'heal-link') as UndoRecord;
  expect(await provider.undo(healing, within())).toMatchObject({
    state: 'undone',
    detail: expect.stringContaining('its keeper has taken the fault out'),
  });
  expect(await talks(address)).toBe(true);
});

it('a keeper that is killed leaves no file that announces its links', async () => {
  const announce = path.join(directory, 'link.address');
  const { keeper, address } = await keep(announce);
  await until(() => existsSync(announce));
  expect(readFileSync(announce, 'utf8')).toBe(`${address}\n`);
  await ended(keeper, 'SIGKILL');
  await until(() => !existsSync(announce));
});

it('ends with Ctrl-C, leaving no link, no entry and no file', async () => {
  const announce = path.join(directory, 'link.address');
  const { keeper, address } = await keep(announce);
  await ended(keeper, 'SIGINT');
  expect([keeper.exitCode, existsSync(announce), await talks(address, 300)]).toEqual([0, false, false]);
  expect(readdirSync(path.join(directory, 'state', 'squall', 'links'))).toEqual([]);
});

it('carries to a host name that has several addresses, of which only the last answers', async () => {
  const [port = 0, upstreamPort = 0] = await freePorts(2);
  const server = spawn(process.execPath, [
    '-e',
    `require('net').createServer((s) => s.pipe(s)).listen(${upstreamPort}, '127.0.0.1')`,
  ]);
  cleanups.push(() => ended(server, 'SIGKILL'));
  await until(() => talks(`127.0.0.1:${upstreamPort}`));
  // localhost is ::1 and 127.0.0.1 on most machines; on others it is one of them, which says less.
  const link = await openLink({ listen: `127.0.0.1:${port}`, upstream: `localhost:${upstreamPort}` });
  cleanups.push(() => link.close());
  expect(await talks(link.address)).toBe(true);
});

it('refuses a link to a host that there is not, and shows the addresses of one that there is', async () => {
  const to = (upstream: string) =>
    requestOf({ kind: 'partition', for: '5s' }, { link: { listen: '127.0.0.1:1', upstream } });
  await expect(provider.resolve(to('no-such-host.invalid:80'), within())).rejects.toMatchObject({
    message: 'component target: there is no host no-such-host.invalid',
    fix: 'correct link.upstream',
  });
  const { targets } = await provider.resolve(to('localhost:80'), within());
  expect(targets[0]?.details?.[0]).toMatch(/^localhost is (127\.0\.0\.1|::1)/);
});

/** `squall link`, as it is typed, with an environment of one link. */
async function keep(announce?: string) {
  const echo = await startEcho();
  const address = `127.0.0.1:${(await freePorts(1))[0]}`;
  const link = { listen: address, upstream: echo.upstream, ...(announce && { announce }) };
  const file = path.join(directory, 'env.yaml');
  writeFileSync(file, JSON.stringify({ name: 'kept', components: { target: { provider: 'local', link } } }));
  const keeper = spawn(process.execPath, [dist('scripts/squall.js'), 'link', file], { stdio: 'pipe' });
  cleanups.push(echo.close, () => ended(keeper, 'SIGTERM'));
  let said = '';
  keeper.stderr.on('data', (text) => {
    said += text;
  });
  keeper.stdout.on('data', (text) => {
    said += text;
  });
  await until(() => said.includes('Kept open until Ctrl-C') || keeper.exitCode !== null);
  expect(said).toBe(`target: ${address} -> ${echo.upstream}\nKept open until Ctrl-C.\n`);
  return { echo, address, keeper, link };
}

/** A drill in a process of its own, which has cut the link when this resolves. */
async function cutElsewhere(
  request: FaultRequest,
): Promise<{ drill: ChildProcess; armed: readonly UndoRecord[] }> {
  const program = fileURLToPath(new URL('../../fixtures/carrier.mjs', import.meta.url));
  const compiled = pathToFileURL(dist('chaos/providers/local/provider.js')).href;
  const drill = spawn(process.execPath, [program, compiled, JSON.stringify(request)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(() => ended(drill, 'SIGKILL'));
  let printed = '';
  drill.stdout?.on('data', (text) => {
    printed += text;
  });
  await until(() => printed.endsWith('\n'));
  return { drill, armed: JSON.parse(printed) };
}

/** Does something come back from there in time? */
function talks(address: string, withinMs = 5_000): Promise<boolean> {
  const [host = '', port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    const end = (answered: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answered);
    };
    const timer = setTimeout(() => end(false), withinMs);
    socket.on('error', () => end(false)).on('close', () => end(false));
    socket.on('data', () => end(true));
    socket.write('hello');
  });
}
