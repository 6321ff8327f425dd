import { createServer, Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { startEcho, until } from '../fixtures/world.ts';
import { openLink } from '../link/link.ts';
import { probeLink } from '../link/probe.ts';
import { parseTcp } from '../processes/sockets.ts';
import { watchLink } from './link-use.ts';
import { createLooks } from './looks.ts';
import { isOwnPort, watchOwnConnections } from './own-connections.ts';
import { judge } from './process-use.ts';
import { countersOf } from './redis-use.ts';
import { parseLine } from './socket-bytes.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

it('a link that only squall has probed is not in use; one that a client sends through is', async () => {
  const echo = await startEcho();
  const link = await openLink({ listen: '127.0.0.1:0', upstream: echo.upstream });
  cleanups.push(echo.close, () => link.close(), watchOwnConnections());
  const watch = watchLink('db', link);
  cleanups.push(() => watch.close());
  const from = Date.now();
  await probeLink(link.address, 50);
  await new Promise((resolve) => setTimeout(resolve, 600));
  const unused = await watch.between([], from, Date.now());
  expect(unused).toMatchObject({ inUse: false, seen: [expect.stringContaining('nothing used this link')] });
  const client = new Socket().connect(Number(link.address.split(':')[1]), '127.0.0.1');
  cleanups.push(() => client.destroy());
  client.write('hello');
  await until(() => link.reading().use.bytes >= 10);
  const checked = await watch.between([], from, Date.now());
  expect(checked).toMatchObject({ inUse: null, seen: [expect.stringContaining('health checks')] });
  for (let sent = 1; sent < 60; sent += 1) {
    client.write('hello');
    await until(() => link.reading().use.bytes >= 10 * (sent + 1));
  }
  const used = await watch.between([], from, Date.now());
  expect(used.inUse).toBe(true);
  expect(used.seen[0]).toMatch(/^db: 1 new connections of clients, 1 open, 600 bytes passed/);
});

it('connections of squall are known as its own, what a link opens is not', async () => {
  cleanups.push(watchOwnConnections());
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  cleanups.push(() => server.close());
  const { port } = server.address() as { port: number };
  const remotePorts: (number | undefined)[] = [];
  server.on('connection', (socket) => remotePorts.push(socket.remotePort));
  const enough = new AbortController();
  const answer = fetch(`http://127.0.0.1:${port}/`, { signal: enough.signal }).catch(() => {});
  await until(() => remotePorts.length >= 1);
  enough.abort();
  await answer;
  // fetch may connect once more for an answer that nobody waits for any longer.
  const client = new Socket().connect(port, '127.0.0.1');
  await until(() => client.localPort !== undefined && remotePorts.includes(client.localPort));
  const { localPort } = client;
  client.destroy();
  expect(remotePorts.filter((one) => !isOwnPort(one))).toEqual([localPort]);
  expect(remotePorts.length).toBeGreaterThan(1);
});

const seen = {
  ms: 10_000,
  connections: 0,
  owned: 0,
  bytes: 0,
  pieces: 0,
  cpuMs: 0,
  clients: 0,
  unaccepted: 0,
};
const facts = { listens: ['127.0.0.1:80'], shared: false, onlyLocal: true, hasOtherSockets: false, size: 1 };

it.each([
  ['nobody', {}, {}, false],
  ['a client that is connected and says nothing', { clients: 3 }, {}, false],
  ['payload of a connection that stays open', { clients: 1, bytes: 9_000, pieces: 30 }, {}, true],
  ['the same at the pace of two health checks', { clients: 2, bytes: 9_000, pieces: 20 }, {}, null],
  ['connections that come and go', { connections: 30 }, {}, true],
  ['the same at the pace of two health checks', { connections: 20 }, {}, null],
  [
    'connections to a port that others serve, too, without any work of its own',
    { connections: 30 },
    { shared: true },
    false,
  ],
  ['the same, and it worked', { connections: 30, cpuMs: 30 }, { shared: true }, true],
  ['the same at the pace of a health check', { connections: 20, cpuMs: 30 }, { shared: true }, null],
  [
    'connections to such a port that were all its own',
    { connections: 30, owned: 30 },
    { shared: true },
    true,
  ],
  ['processor time of its own', { cpuMs: 9_000 }, {}, false],
  ['the same where clients elsewhere may have been overlooked', { cpuMs: 9_000 }, { onlyLocal: false }, null],
  ['clients of whose bytes nothing is known', { clients: 1, bytes: undefined }, {}, null],
  ['the same, at work', { clients: 1, bytes: undefined, cpuMs: 500 }, {}, true],
  ['sockets of another user', {}, { listens: undefined }, null],
  ['no port, and payload of its own connections', { bytes: 900, pieces: 30 }, { listens: [] }, true],
  ['no port, and heartbeats of its own connections', { bytes: 900, pieces: 10 }, { listens: [] }, null],
  ['no port, and a Unix socket', {}, { listens: [], hasOtherSockets: true }, null],
  ['no port, a Unix socket, and work', { cpuMs: 900 }, { listens: [], hasOtherSockets: true }, true],
  ['no socket at all', {}, { listens: [] }, false],
  ['no socket at all, and work', { cpuMs: 900 }, { listens: [] }, null],
])('judges what used a tree: %s', (_, change, fact, inUse) => {
  expect(judge({ ...seen, ...change }, { ...facts, ...fact }).inUse).toBe(inUse);
});

it('reads the sockets of the kernel: states, addresses of both kinds, and when one was closed', () => {
  const head =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  const text = [
    head,
    '   0: 0100007F:0050 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 1205 1 0 100 0 0 10 0',
    '   1: 0100007F:8A5A 0200000A:0050 06 00000000:00000000 03:00000BB8 00000000     0        0 0 3 0',
    '   2: 00000000000000000000000001000000:1F90 0000000000000000FFFF00000100007F:C350 01 00000000:00000010 00:00000000 00000000     0        0 99 1 0',
  ].join('\n');
  expect(parseTcp(text)).toEqual([
    {
      state: 'listening',
      local: { address: '127.0.0.1', port: 80 },
      remote: { address: '0.0.0.0', port: 0 },
      waiting: 3,
      inode: 1205,
      closedMsAgo: undefined,
    },
    {
      state: 'time-wait',
      local: { address: '127.0.0.1', port: 35_418 },
      remote: { address: '10.0.0.2', port: 80 },
      waiting: 0,
      inode: 0,
      closedMsAgo: 30_000,
    },
    {
      state: 'established',
      local: { address: '::1', port: 8080 },
      remote: { address: '::ffff:127.0.0.1', port: 50_000 },
      waiting: 16,
      inode: 99,
      closedMsAgo: undefined,
    },
  ]);
});

it('reads what ss says of a connection', () => {
  const line =
    'ESTAB 0 0 [::ffff:127.0.0.1]:8080 [::ffff:127.0.0.1]:50000 ino:99 sk:1002 <-> ts bytes_sent:70 bytes_acked:71 bytes_received:30 segs_out:1';
  expect(parseLine(line)).toMatchObject({ localPort: 8080, remotePort: 50_000, inode: 99, bytes: 100 });
  expect(parseLine('')).toBeUndefined();
  expect(parseLine('Cannot open netlink socket')).toBeUndefined();
});

it('counts what clients say to Redis, and not what sentinels, replicas and squall do', () => {
  const info = [
    'role:master',
    'cmdstat_ping:calls=900,usec=1',
    'cmdstat_publish:calls=80,usec=1',
    'cmdstat_client|list:calls=7,usec=1',
    'cmdstat_get:calls=40,usec=1',
    'cmdstat_set:calls=2,usec=1',
  ].join('\r\n');
  const list = [
    'id=3 name= age=50 idle=2 flags=N cmd=get',
    'id=4 name=sentinel-ab-cmd age=50 idle=0 flags=N cmd=ping',
    'id=5 name= age=50 idle=0 flags=S cmd=replconf',
    'id=6 name= age=0 idle=0 flags=N cmd=client|list',
    'id=7 name= age=9 idle=0 flags=N cmd=ping',
    '',
  ].join('\n');
  expect(countersOf(info, list, 100_000)).toMatchObject({
    role: 'primary',
    clients: 2,
    activeAt: 97_000,
    done: 42,
  });
});

it('keeps looks of a long time, within bounds, and finds those around a window', () => {
  const looks = createLooks<number>();
  for (let at = 0; at < 100_000; at += 10) looks.add({ at, counters: at });
  const around = looks.around(99_500, 99_905);
  expect(around?.first.at).toBeLessThanOrEqual(99_500);
  expect(around?.first.at).toBeGreaterThan(99_000);
  expect(around?.last.at).toBe(99_910);
  expect(looks.around(-5, 200_000)?.first.at).toBe(0);
  expect(createLooks<number>().around(0, 1)).toBeUndefined();
});
