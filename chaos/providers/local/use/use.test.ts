import { createServer, Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { startEcho, until } from '../fixtures/world.ts';
import { openLink } from '../link/link.ts';
import { probeLink } from '../link/probe.ts';
import { parseTcp } from '../processes/sockets.ts';
import { judgeTree, type TreeStretch } from './judge-tree.ts';
import { watchLink } from './link-use.ts';
import { isOwnPort, watchOwnConnections } from './own-connections.ts';
import { countersOf } from './redis-use.ts';
import { parseLine } from './socket-bytes.ts';
import { judgeStore, type StoreCounters } from './store-use.ts';
import type { TreeFacts } from './tree-meter.ts';

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
  const began = Date.now();
  await watch.ready;
  const from = Date.now();
  const now = () => ({ from, to: Date.now(), quiet: { from: began, to: from } });
  await probeLink(link.address, 50);
  await new Promise((resolve) => setTimeout(resolve, 600));
  const unused = await watch.between([], now());
  expect(unused).toMatchObject({ inUse: false, seen: [expect.stringContaining('nothing used this link')] });
  const client = new Socket().connect(Number(link.address.split(':')[1]), '127.0.0.1');
  cleanups.push(() => client.destroy());
  client.write('hello');
  await until(() => link.reading().use.bytes >= 10);
  const checked = await watch.between([], now());
  expect(checked).toMatchObject({ inUse: null, seen: [expect.stringContaining('health checks')] });
  const sending = Date.now();
  for (let sent = 1; sent < 60 || Date.now() < sending + 1_600; sent += 1) {
    client.write('hello');
    await until(() => link.reading().use.bytes >= 10 * (sent + 1));
  }
  const used = await watch.between([], { ...now(), from: sending });
  expect(used.inUse, used.seen.join()).toBe(true);
  // The same, if it had been there before the load.
  const before = await watch.between([], { ...now(), from: sending, quiet: { from, to: Date.now() } });
  expect(before).toMatchObject({ inUse: null, seen: [expect.stringContaining('pieces of payload in the ')] });
  const whole = await watch.between([], now());
  expect(whole.seen[0]).toMatch(/^db: 1 new connection of clients, 1 open, \d.* passed/);
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

const nothing = { connections: 0, owned: 0, pieces: 0, cpuMs: 0 };
const seen = {
  ...nothing,
  ms: 10_000,
  bytes: 0,
  clients: 0,
  unaccepted: 0,
  withBytes: true,
};
const quiet = { ...nothing, ms: 1_500 };
const facts = { listens: ['127.0.0.1:80'], shared: false, onlyLocal: true, hasOtherSockets: false, size: 1 };

it.each([
  ['nobody', {}, {}, false],
  ['a client that is connected and says nothing', { clients: 3 }, {}, false],
  ['payload of a connection that stays open', { clients: 1, bytes: 9_000, pieces: 60 }, {}, true],
  ['the same at the pace of two health checks', { clients: 2, bytes: 9_000, pieces: 20 }, {}, null],
  ['connections that come and go', { connections: 60 }, {}, true],
  ['the same at the pace of two health checks', { connections: 20 }, {}, null],
  [
    'connections to a port that others serve, too, without any work of its own',
    { connections: 60 },
    { shared: true },
    false,
  ],
  ['the same, and it worked', { connections: 60, cpuMs: 30 }, { shared: true }, true],
  ['the same at the pace of a health check', { connections: 20, cpuMs: 30 }, { shared: true }, null],
  [
    'connections to such a port that were all its own',
    { connections: 60, owned: 60 },
    { shared: true },
    true,
  ],
  ['processor time of its own', { cpuMs: 9_000 }, {}, false],
  ['the same where clients elsewhere may have been overlooked', { cpuMs: 9_000 }, { onlyLocal: false }, null],
  ['clients of whose bytes nothing is known', { clients: 1, bytes: undefined }, {}, null],
  ['the same, at work', { clients: 1, bytes: undefined, cpuMs: 500 }, {}, true],
  ['sockets of another user', {}, { listens: undefined }, null],
  ['no port, and payload of its own connections', { bytes: 900, pieces: 60 }, { listens: [] }, true],
  ['no port, and heartbeats of its own connections', { bytes: 900, pieces: 10 }, { listens: [] }, null],
  ['no port, and a Unix socket', {}, { listens: [], hasOtherSockets: true }, null],
  ['no port, a Unix socket, and work', { cpuMs: 900 }, { listens: [], hasOtherSockets: true }, true],
  ['no socket at all', {}, { listens: [] }, false],
  ['no socket at all, and work', { cpuMs: 900 }, { listens: [] }, null],
])('judges what used a tree: %s', (_, change, fact, inUse) => {
  const all = { ...seen, ...change };
  expect(judgeTree({ ...all, before: [quiet], parts: [all] }, { ...facts, ...fact }).inUse).toBe(inUse);
});

it.each([
  ['polled as before the load', { connections: 150 }, { connections: 22 }, {}, null],
  ['the same, and then the load', { connections: 400 }, { connections: 22 }, {}, true],
  ['payload as before the load', { bytes: 9_000, pieces: 150 }, { pieces: 22 }, {}, null],
  ['the same, and then the load', { bytes: 9_000, pieces: 400 }, { pieces: 22 }, {}, true],
  [
    'payload of heartbeats as before, without a port',
    { bytes: 900, pieces: 150 },
    { pieces: 22 },
    { listens: [] },
    null,
  ],
  [
    'work that it did before the load, sockets of another user',
    { cpuMs: 5_000 },
    { cpuMs: 700 },
    { listens: undefined },
    null,
  ],
  [
    'much more work than before the load, sockets of another user',
    { cpuMs: 5_000 },
    { cpuMs: 100 },
    { listens: undefined },
    true,
  ],
  [
    'others serve its port, and it worked as before',
    { connections: 400, cpuMs: 100 },
    { cpuMs: 15 },
    { shared: true },
    null,
  ],
  [
    'others serve its port, and it worked more than before',
    { connections: 400, cpuMs: 300 },
    { cpuMs: 15 },
    { shared: true },
    true,
  ],
])('tells the load from what was there before it: %s', (_, change, before, fact, inUse) => {
  const all = { ...seen, ...change };
  const { said, ...judged } = judgeTree(
    { ...all, before: [{ ...quiet, ...before }], parts: [all] },
    { ...facts, ...fact },
  );
  expect(judged.inUse, said).toBe(inUse);
});

it.each<[string, Partial<TreeStretch>, Partial<TreeFacts>]>([
  ['connections', { connections: 30 }, {}],
  ['payload', { pieces: 30 }, {}],
  ['payload, without a port', { pieces: 30 }, { listens: [] }],
  ['processor time, sockets of another user', { cpuMs: 200 }, { listens: undefined }],
])('what comes in bursts is not told from somebody else, what goes on is: %s', (_, often, fact) => {
  const part = (does: boolean) => ({ ...nothing, ms: 500, ...(does ? often : {}) });
  const judgeParts = (parts: TreeStretch[]) => {
    const all = (what: 'connections' | 'owned' | 'pieces' | 'cpuMs') =>
      parts.reduce((sum, one) => sum + one[what], 0);
    const whole = { connections: all('connections'), owned: 0, pieces: all('pieces'), cpuMs: all('cpuMs') };
    const before = [part(false), part(false), part(false)];
    return judgeTree({ ...seen, ...whole, bytes: 900, before, parts }, { ...facts, ...fact }).inUse;
  };
  const parts = (isThere: (index: number) => boolean) =>
    Array.from({ length: 20 }, (_, index) => part(isThere(index)));
  expect(judgeParts(parts((index) => index % 8 === 0))).toBeNull();
  expect(judgeParts(parts(() => true))).toBe(true);
});

it('what was not there before the load, or not looked at, cannot be told from it', () => {
  const all = { ...seen, connections: 400 };
  const { inUse, said } = judgeTree({ ...all, before: [], parts: [all] }, facts);
  expect(inUse).toBeNull();
  expect(said).toContain('what used it before the load is not known');
});

const at = (ms: number, counters: Partial<StoreCounters>) => ({
  at: ms,
  counters: {
    role: 'primary' as const,
    clients: 3,
    activeAt: 0,
    done: 0,
    came: 0,
    certain: 3,
    blind: undefined,
    ...counters,
  },
});

it.each<[string, Partial<StoreCounters>, number, boolean | null]>([
  ['nobody', {}, 0, false],
  ['an exporter before the load and under it', { done: 60, came: 20, activeAt: 9_000 }, 12, null],
  ['the load', { done: 900, came: 0, activeAt: 9_000 }, 0, true],
  ['the load, beside an exporter', { done: 900, came: 0, activeAt: 9_000 }, 12, true],
  ['a session that is in one long transaction', { activeAt: 9_000 }, 0, null],
  ['sessions that cannot be seen', { blind: 'not its own' }, 0, null],
])('judges what used a store: %s', (_, last, doneBefore, inUse) => {
  const around = { first: at(5_000, {}), last: at(15_000, last) };
  const before = [{ first: at(0, {}), last: at(2_500, { done: doneBefore }) }];
  const judged = judgeStore({ around, parts: [around], before }, 'transactions');
  expect(judged.inUse, judged.said).toBe(inUse);
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

it('counts what clients say to Redis, and not what sentinels, replicas, masters and squall do', () => {
  const info = (role: string) =>
    [
      `role:${role}`,
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
  const writes = new Set(['set', 'del']);
  const onMaster = { role: 'primary', clients: 2, activeAt: 97_000, done: 42 };
  expect(countersOf(info('master'), list, 100_000, writes)).toMatchObject(onMaster);
  expect(countersOf(info('master'), list, 100_000, undefined)).toMatchObject(onMaster);
  // What is written to its master comes to a replica, too.
  expect(countersOf(info('slave'), list, 100_000, writes)).toMatchObject({ role: 'standby', done: 40 });
  const unknown = countersOf(info('slave'), list, 100_000, undefined);
  expect(unknown).toMatchObject({ done: 0, blind: expect.stringContaining('ACL CAT') });
});
