import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Running, startTestbed } from './fixtures/running.ts';
import { paths, portOffsets } from './lib/testbed.ts';

let testbed: Running;
let token: string;
let link: Link;
beforeAll(async () => {
  testbed = await startTestbed();
  token = await testbed.login();
  link = await openLink(Number(new URL(testbed.url).port));
});
afterAll(async () => {
  link?.close();
  await testbed?.end();
});

const create = (key: string = randomUUID()) =>
  testbed.call('/api/projects', {
    token,
    headers: { 'idempotency-key': key },
    body: { name: `link ${key}`, bpm: 100 },
  });
const list = () => testbed.call('/api/projects', { token });

test('requests go across the link while its file is there, and directly when it is gone', async () => {
  expect((await create()).status).toBe(201);
  expect(link.connections()).toBe(0);
  link.announce();
  await eventually('traffic on the link', async () => {
    expect((await create()).status).toBe(201);
    return link.connections() > 0;
  });
  link.withdraw();
  link.mode = 'refuse';
  await eventually('the direct way', async () => (await create()).status === 201);
});

test.each(['blackhole', 'refuse'] as const)(
  'while the link is partitioned (%s) writes fail fast, reads are served degraded, and it recovers by itself',
  async (mode) => {
    link.mode = 'carry';
    link.announce();
    await eventually(
      'all well',
      async () => (await create()).status === 201 && (await list()).status === 200,
    );
    // Both gateways have an answer to fall back on.
    for (let i = 0; i < 20; i++) await list();
    link.mode = mode;
    const start = performance.now();
    const refused = await Promise.all(Array.from({ length: 40 }, () => create()));
    // The slowest case is one try of 1.5 s at each of the two gateways.
    expect(performance.now() - start).toBeLessThan(8_000);
    expect(refused.filter((answer) => answer.status !== 503 && answer.status !== 504)).toEqual([]);
    await eventually('an open circuit', async () => (await create()).text.includes('circuit open'));
    const read = await list();
    expect({ status: read.status, degraded: read.headers.get('x-degraded') }).toEqual({
      status: 200,
      degraded: 'true',
    });
    expect((await testbed.call('/health')).status).toBe(200);
    await testbed.alert({ alertname: 'LinkDown', component: 'studio-link' });
    link.mode = 'carry';
    await eventually('writes', async () => (await create()).status === 201);
    await eventually('fresh reads', async () => (await list()).headers.get('x-degraded') === null);
    await testbed.alert({ alertname: 'LinkDown', component: 'studio-link', status: 'resolved' });
    testbed.alerts.length = 0;
    link.withdraw();
  },
);

interface Link {
  mode: 'carry' | 'blackhole' | 'refuse';
  connections(): number;
  announce(): void;
  withdraw(): void;
  close(): void;
}

/** Stands in for the link that squall carries: a file with its address, and a TCP relay that can be cut. */
async function openLink(basePort: number): Promise<Link> {
  const file = paths(testbed.dir).link;
  const sockets = new Set<net.Socket>();
  let connections = 0;
  let mode: Link['mode'] = 'carry';
  const server = net.createServer((client) => {
    connections += 1;
    track(client);
    if (mode === 'refuse') client.destroy();
    if (mode !== 'carry') return;
    const upstream = net.connect(basePort + portOffsets['studio-edge'], '127.0.0.1');
    track(upstream);
    client.on('data', (chunk) => mode === 'carry' && upstream.write(chunk));
    upstream.on('data', (chunk) => mode === 'carry' && client.write(chunk));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  function track(socket: net.Socket): void {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  }
  const port = basePort + portOffsets.link;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    get mode() {
      return mode;
    },
    set mode(next) {
      mode = next;
      // After a blackhole TCP would take a while to recover; a link that is carried again starts with new connections.
      if (next !== 'blackhole') for (const socket of sockets) socket.destroy();
    },
    connections: () => connections,
    announce: () => writeFileSync(file, `127.0.0.1:${port}\n`),
    withdraw: () => rmSync(file, { force: true }),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
