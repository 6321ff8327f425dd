import { createServer } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, it, vi } from 'vitest';
import { openLinkInThread } from './open-in-thread.ts';

// On a busy machine even small things take their time.
vi.setConfig({ testTimeout: 30_000 });

const ENOUGH = 20;
const TOO_LONG_MS = 20_000;

/** An echo, and a client that talks to it through `link` and counts the answers, in a thread of their own. */
const TALK = `
const { parentPort, workerData } = require('node:worker_threads');
const { createServer, connect } = require('node:net');
const answers = new Int32Array(workerData);
const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1', () => parentPort.postMessage(echo.address().port));
parentPort.on('message', ({ host, port }) => {
  const client = connect(port, host, () => client.write('?'));
  client.on('data', () => { Atomics.add(answers, 0, 1); client.write('?'); });
});`;

it('carries while squall itself has no time for it', async () => {
  const shared = new SharedArrayBuffer(4);
  const answers = new Int32Array(shared);
  const talk = new Worker(TALK, { eval: true, workerData: shared });
  const upstream = await new Promise<number>((resolve) => talk.once('message', resolve));
  const link = await openLinkInThread({ listen: '127.0.0.1:0', upstream: `127.0.0.1:${upstream}` });
  const { hostname: host, port } = new URL(`tcp://${link.address}`);
  talk.postMessage({ host, port: Number(port) });
  // This thread does nothing else from here on: it is as busy as one can be.
  const tired = Date.now() + TOO_LONG_MS;
  while (Atomics.load(answers, 0) < ENOUGH && Date.now() < tired);
  const answered = Atomics.load(answers, 0);
  await talk.terminate();
  await link.close();
  expect(answered).toBeGreaterThanOrEqual(ENOUGH);
  expect(link.carrier).not.toBe(process.platform === 'linux' ? process.pid : 0);
});

it('says who to look for when the port is taken', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await expect(
    openLinkInThread({ listen: `127.0.0.1:${port}`, upstream: '127.0.0.1:1' }),
  ).rejects.toMatchObject({
    name: 'ProviderError',
    message: `the link cannot listen on 127.0.0.1:${port}: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
    fix: expect.stringContaining(`ss -ltnp 'sport = :${port}'`),
  });
  await new Promise((resolve) => server.close(resolve));
});
