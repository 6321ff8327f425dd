import type { V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Target } from '../../../provider.ts';
import type { Cluster } from '../cluster.ts';
import { componentOf, makeRequest } from '../fixtures/requests.ts';
import { useOfLink } from './link-use.ts';
import { type NetCounters, readNetTables } from './net-tables.ts';
import { type PodLook, useOfAll, useOfPod } from './pod-use.ts';
import { watchUse } from './watch.ts';

/** As a kernel prints them. */
function tables({ packets = 4, bytes = 356, opens = 0, tcp = '', tcp6 = '' }): string {
  return `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    9000      99    0    0    0     0          0         0     9000      99    0    0    0     0       0          0
  eth0:${bytes} ${packets}    0    0    0     0          0         0      426       5    0    0    0     0       0          0
Ip: Forwarding DefaultTTL
Ip: 1 64
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs
Tcp: 1 200 120000 -1 7 ${opens} 0 0 0 31
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
${tcp}  sl  local_address                         remote_address                        st tx_queue
${tcp6}`;
}

test('what came from outside is read, the loopback and what only listens are not', () => {
  const net = readNetTables(
    tables({
      packets: 12,
      bytes: 816,
      opens: 3,
      tcp: '   1: 0A4D010A:1F90 0500004D:9C40 01 00000000:00000000\n',
      tcp6: '   0: 0000000000000000FFFF00000A014D0A:1F90 0000000000000000FFFF00000B014D0A:9C41 06 0:0\n',
    }),
  );
  expect(net).toMatchObject({ packets: 12, bytes: 816, opens: 3 });
  expect([...(net?.connections ?? [])]).toEqual([
    '10.1.77.10:8080 77.0.0.5:40000',
    '10.77.1.10:8080 10.77.1.11:40001',
  ]);
  expect([...(net?.established ?? [])]).toEqual(['10.1.77.10:8080 77.0.0.5:40000']);
});

test.each([
  ['nothing', ''],
  ['an error of the container', 'exec: "cat": executable file not found in $PATH'],
  ['devices without counters', tables({}).replaceAll('Tcp:', 'Udp:')],
  ['counters without devices', tables({}).replace(/^ *(lo|eth0):.*\n/gm, '')],
])('%s is not read as a quiet network', (_, text) => {
  expect(readNetTables(text)).toBeUndefined();
});

const net = (packets: number, opens: number, ...connections: string[]): NetCounters => ({
  packets,
  bytes: packets * 70,
  opens,
  connections: new Set(connections),
  established: new Set(connections),
});
/** The connections are there, and have ended. */
const ended = (counters: NetCounters): NetCounters => ({ ...counters, established: new Set() });
const over20s = (first: NetCounters, last: NetCounters): PodLook[] => [
  { at: 0, net: first },
  { at: 20_000, net: last },
];
const CLIENT = '10.0.0.1:8080 10.0.0.9:40000';

/** Before a load, with so many connections and packets. */
const quiet = (opens = 0, packets = 0): PodLook[] => [
  { at: -4_000, net: net(4, 0) },
  { at: -2_000, net: net(4 + packets, opens) },
];

test.each<[string, number, PodLook[], boolean | null]>([
  ['requests on new connections', 0, over20s(net(4, 0), net(400, 80)), true],
  ['one request in 20 s: somebody may read its metrics', 0, over20s(net(4, 0), net(10, 1)), null],
  ['requests on a connection that is kept', 0, over20s(net(4, 1, CLIENT), net(1_004, 1, CLIENT)), true],
  ['requests beside a health check in 10 s', 0.1, over20s(net(0, 0), net(600, 100)), true],
  ['one request in 5 s beside a health check in 10 s', 0.1, over20s(net(0, 0), net(60, 10)), null],
  ['nothing', 0, over20s(net(4, 0), net(5, 0)), false],
  ['health checks alone', 1, over20s(net(80, 20), net(160, 40)), false],
  ['health checks that came a little more often', 1, over20s(net(80, 20), net(176, 44)), false],
  ['health checks whose answers are large', 1, over20s(net(80, 20), net(260, 40)), false],
  ['something in the pod that talks to itself', 0, over20s(net(4, 0), net(6, 30)), false],
  ['a client that stays and is silent', 1, over20s(net(80, 20, CLIENT), net(160, 40, CLIENT)), null],
  [
    'a client that had left before',
    1,
    over20s(ended(net(80, 20, CLIENT)), ended(net(160, 40, CLIENT))),
    false,
  ],
  ['a network that began anew', 0, over20s(net(400, 50), net(4, 0)), null],
  ['one look', 0, [{ at: 0, net: net(4, 0) }], null],
  [
    'two looks at once',
    0,
    [
      { at: 0, net: net(4, 0) },
      { at: 900, net: net(90, 9) },
    ],
    null,
  ],
  ['no look', 0, [], null],
])('a pod with %s', (_, probesPerSecond, looks, inUse) => {
  const use = useOfPod({ name: 'web-1', probesPerSecond, looks, before: quiet(), trouble: undefined });
  expect(use, use.seen.join()).toMatchObject({ inUse });
  expect(use.seen[0]).toContain('web-1');
});

test.each<[string, PodLook[], PodLook[], boolean | null]>([
  ['connections as before', quiet(20, 100), over20s(net(0, 0), net(1_000, 200)), null],
  ['three times as many', quiet(20, 100), over20s(net(0, 0), net(3_000, 600)), true],
  ['packets as before', quiet(0, 100), over20s(net(0, 0), net(1_000, 0)), null],
  ['nobody had looked', [], over20s(net(0, 0), net(3_000, 600)), null],
])('what used a pod before the load, too: %s', (_, before, looks, inUse) => {
  const use = useOfPod({ name: 'web-1', probesPerSecond: 0, looks, before, trouble: undefined });
  expect(use, use.seen.join()).toMatchObject({ inUse });
});

test('of several pods one in use is enough, and one that cannot be told keeps the others from being unused', () => {
  const use = (inUse: boolean | null) => ({ inUse, seen: [String(inUse)] });
  expect(useOfAll([use(false), use(null), use(true)], '').inUse).toBe(true);
  expect(useOfAll([use(false), use(null)], '').inUse).toBeNull();
  expect(useOfAll([use(false), use(false)], '').inUse).toBe(false);
  expect(useOfAll([], 'none')).toEqual({ inUse: null, seen: ['none'] });
});

const other = (count: number) =>
  Array.from({ length: count }, (_, index) => `10.0.0.1:8080 10.0.0.9:${index}`);

test.each<[string, PodLook[], PodLook[], boolean | null]>([
  ['a connection that came, as that of a health check', quiet(), over20s(net(1, 0), net(9, 1, CLIENT)), null],
  ['connections that came with the load', quiet(), over20s(net(1, 0), net(9, 1, ...other(100))), true],
  [
    'as many that came as before the load',
    [
      { at: -4_000, net: net(1, 0) },
      { at: -2_000, net: net(9, 1, ...other(2)) },
    ],
    over20s(net(1, 0), net(9, 1, ...other(20))),
    null,
  ],
  ['one that came, and nobody had looked before', [], over20s(net(1, 0), net(9, 1, CLIENT)), null],
  [
    'a connection of somebody else',
    quiet(),
    over20s(net(1, 0), net(9, 1, '10.0.0.1:8080 10.0.0.77:40000')),
    false,
  ],
  ['none', quiet(), over20s(net(1, 0), net(2, 0)), false],
  ['one that had already ended', quiet(), over20s(ended(net(1, 1, CLIENT)), ended(net(2, 1, CLIENT))), false],
  ['one that stays', quiet(), over20s(net(1, 1, CLIENT), net(2, 1, CLIENT)), null],
  ['one look', quiet(), [{ at: 0, net: net(1, 1, CLIENT) }], null],
])('a link with %s between its ends', (_, before, looks, inUse) => {
  const isOther = (address: string) => address === '10.0.0.9';
  const end = { name: 'far', looks: [looks], before: [before], isOther };
  expect(useOfLink('db', [end])).toMatchObject({ inUse });
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pod = (name: string, containers = ['main']): V1Pod => ({
  metadata: { name, uid: `uid-${name}` },
  spec: {
    containers: containers.map((one) => ({
      name: one,
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    })),
  },
  status: { phase: 'Running', podIP: '10.0.0.1' },
});
const target = (name: string): Target => ({ label: name, healthy: true, identity: { uid: `uid-${name}` } });

const QUIET_MS = 3_000;

/** Twelve seconds of a load on these pods, after three without; `exec` says what their network has done. */
async function watched(
  pods: V1Pod[],
  exec: (pod: string, container: string, ms: { readonly all: number; readonly load: number }) => string,
  fault: object = {},
) {
  const asked = makeRequest({ kind: 'kill', component: 'pods', ...fault });
  const began = Date.now();
  const read = async (at: { pod: string; container: string }) => {
    const all = Date.now() - began;
    return exec(at.pod, at.container, { all, load: Math.max(0, all - QUIET_MS) });
  };
  const cluster = {
    listPods: async () => pods,
    exec: read,
    execStream: async () => {
      throw new Error('no shell in these pods');
    },
  } as unknown as Cluster;
  const watch = watchUse(Promise.resolve(cluster), asked, componentOf(asked));
  const ready = vi.fn();
  void watch.ready?.then(ready);
  await vi.advanceTimersByTimeAsync(QUIET_MS);
  expect(ready).toHaveBeenCalled();
  const from = Date.now();
  await vi.advanceTimersByTimeAsync(12_000);
  const window = { from, to: Date.now(), quiet: { from: began, to: from } };
  return { use: (...names: string[]) => watch.between(names.map(target), window), watch };
}

test('the pod that serves is in use, an idle or a polled one beside it is not, and all have health checks', async () => {
  const { use, watch } = await watched(
    [pod('busy'), pod('idle'), pod('polled')],
    (name, _, { all, load }) => {
      const opens = Math.round(
        all / 1000 + (name === 'busy' ? load / 50 : 0) + (name === 'polled' ? all / 100 : 0),
      );
      return tables({ packets: 4 + 4 * opens, opens });
    },
  );
  expect((await use('busy')).inUse).toBe(true);
  expect((await use('idle')).inUse).toBe(false);
  expect((await use('polled')).inUse).toBeNull();
  expect((await use('busy', 'idle')).inUse).toBe(true);
  expect((await use('unknown')).inUse).toBeNull();
  await watch.close();
});

test('a pod that has packets of its own before a small load comes is in use', async () => {
  // What a gateway of the testbed had, with a pool of database connections: 45 packets a second, and 112 under 33 requests a second.
  const { use, watch } = await watched([pod('busy')], (_, __, { all, load }) =>
    tables({ packets: Math.round((45 * all + 67 * load) / 1000), opens: Math.round((1.3 * all) / 1000) }),
  );
  expect(await use('busy')).toMatchObject({ inUse: true });
  await watch.close();
});

test('a pod that came after the load had begun is compared with the one beside it that was polled most', async () => {
  const pods = [pod('idle'), pod('polled')];
  const { use, watch } = await watched(pods, (name, _, { all, load }) => {
    if (load > 0 && pods.length === 2) pods.push(pod('new'), pod('busy'));
    const opens = Math.round(name === 'idle' ? 0 : name === 'busy' ? load / 10 : all / 100);
    return tables({ packets: 4 + 4 * opens, opens });
  });
  expect((await use('new')).inUse).toBeNull();
  expect((await use('busy')).inUse).toBe(true);
  await watch.close();
});

test('a rollout hits every pod, so each counts', async () => {
  const read = (name: string, _: string, { load }: { load: number }) =>
    tables(name === 'busy' ? { packets: load, opens: 1 } : {});
  const { use, watch } = await watched([pod('idle'), pod('busy')], read, { kind: 'rollout' });
  expect((await use()).inUse).toBe(true);
  await watch.close();
});

test('without a `cat` in one container the next is asked, and without any the reason is said', async () => {
  const { use, watch } = await watched([pod('a', ['bare', 'shell']), pod('b', ['bare'])], (_, container) =>
    container === 'shell' ? tables({}) : 'exec failed: "cat": not found',
  );
  expect((await use('a')).inUse).toBe(false);
  const unknown = await use('b');
  expect(unknown.inUse).toBeNull();
  expect(unknown.seen.join()).toContain('has no `cat`');
  await watch.close();
});

test('rights that are missing leave it unknown, and say so; nothing is thrown', async () => {
  const { use, watch } = await watched([pod('a')], () => {
    throw new Error('cannot run cat in lab/a: Unexpected server response: 403');
  });
  expect(await use('a')).toMatchObject({ inUse: null, seen: [expect.stringContaining('403')] });
  await watch.close();
  const asked = makeRequest({ kind: 'kill', component: 'pods' });
  const nowhere = watchUse(Promise.reject(new Error('no cluster is configured')), asked, componentOf(asked));
  await vi.advanceTimersByTimeAsync(1);
  expect(await nowhere.between([target('a')], { from: 0, to: 1, quiet: { from: 0, to: 0 } })).toMatchObject({
    inUse: null,
    seen: [expect.stringContaining('no cluster is configured')],
  });
  await nowhere.close();
});

test('a closed watch asks no more', async () => {
  let asked = 0;
  const { watch } = await watched([pod('a')], () => {
    asked += 1;
    return tables({});
  });
  await watch.close();
  const before = asked;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toBe(before);
});
