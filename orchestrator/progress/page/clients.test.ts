import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createClients } from './clients.ts';
import { createFeed } from './feed.ts';

const server = createServer();
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('a browser that never reads costs neither time nor memory, and another hears everything', async () => {
  let now = 0;
  const feed = createFeed({ run: 'r', directory: '/d', faults: [] });
  const clients = createClients(feed, () => now);
  const responses: ServerResponse[] = [];
  server.on('request', (_, response: ServerResponse) => {
    responses.push(response);
    clients.add(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const deaf = await browser(port);
  await until(() => responses.length === 1);
  let heard = '';
  const other = await browser(port);
  other.setEncoding('utf8').on('data', (text) => {
    heard = (heard + text).slice(-1_500_000);
  });
  other.resume();
  await until(() => responses.length === 2);

  // 30 MB of news: far more than the kernel keeps for a connection.
  for (let round = 0; round < 30; round++) {
    for (let line = 0; line < 500; line++)
      feed.event({ type: 'note', text: `${round}-${line} ${'x'.repeat(1_990)}` });
    now += 100;
    clients.tell();
    expect(responses[0]?.writableLength).toBeLessThan(2_500_000);
    await setImmediate();
  }
  await drained(responses[1] as ServerResponse);
  now += 100;
  clients.tell();
  await drained(responses[1] as ServerResponse);
  expect(feed.since(null).log.at(-1)?.text).toMatch(/^29-499 /);
  await until(() => heard.includes('29-499 '));
  expect(clients.count).toBe(2);

  // After half a minute it is given up.
  now += 31_000;
  clients.tell();
  await until(() => clients.count === 1);
  expect(deaf.bytesRead).toBeLessThan(2_500_000);
});

test('the end waits for nobody who does not read', async () => {
  const feed = createFeed({ run: 'r', directory: '/d', faults: [] });
  const clients = createClients(feed);
  // Nobody reads it, and it never says that it was closed.
  const response = { writeHead() {}, on() {}, once() {}, write: () => false, end() {}, destroy() {} };
  clients.add(response as unknown as ServerResponse);
  await clients.close(20);
});

async function browser(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  socket.pause();
  socket.write('GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  return socket;
}

/** Everything that was written has been read. */
async function drained(response: ServerResponse): Promise<void> {
  await until(() => response.writableLength === 0 && !response.writableNeedDrain);
}

/** Ends by the test's own time limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setImmediate();
}
