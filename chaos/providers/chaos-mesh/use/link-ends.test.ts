import type { V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { chaosMeshComponent } from '../component.ts';
import { makeRequest } from '../fixtures/requests.ts';
import { watchUse } from './watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const link = { labels: { app: 'web' } };
const NEAR = '10.0.0.1';
const FAR = '10.0.1.1';

test.each<[string, object, Partial<Lab>, RegExp]>([
  [
    'a host is known by its name only',
    { hosts: [FAR, 'studio.example'] },
    {},
    /studio\.example is not one IPv4 address/,
  ],
  ['a host is a whole network', { hosts: ['10.0.1.0/24'] }, {}, /10\.0\.1\.0\/24 is not one IPv4 address/],
  [
    'a near pod of a link to hosts has no `cat`',
    { hosts: [FAR] },
    { near: many('near', 2), blind: 'near-1' },
    /near-1 at its near end was not/,
  ],
  ['the far end has no `cat`', link, { blind: 'far' }, /far-0 at its far end was not measured .*no `cat`/],
  ['there is no pod at the far end', link, { far: [] }, /its far end was not measured/],
  ['a pod has an IPv6 address', link, { far: [pod('far-0', ['fd00::1'])] }, /far-0 has an IPv6 address/],
  ['there are more far pods than are measured', link, { far: many('far', 11) }, /its far end has more pods/],
  ['there are more near pods than are known', link, { near: many('near', 11) }, /its near end has more pods/],
])('that nothing used a link is not said where %s', async (_, to, lab, reason) => {
  const use = await watched(to, { ...quiet(), ...lab });
  expect(use).toMatchObject({ inUse: null });
  expect(use.seen.join()).toMatch(reason);
});

test.each<[string, object, Partial<Lab>]>([
  ['of pods whose far end is measured', link, {}],
  ['of pods whose far end alone is measured', link, { blind: 'near' }],
  ['to addresses', { hosts: [FAR, '10.0.1.2/32'] }, {}],
])('that nothing used a link is said %s', async (_, to, lab) => {
  expect(await watched(to, { ...quiet(), ...lab })).toMatchObject({ inUse: false });
});

test('many near pods leave room for the far ones, whose tables tell', async () => {
  const near = many('near', 25);
  const use = await watched(link, { ...quiet(), near, busy: 'far' });
  expect(use, use.seen.join()).toMatchObject({ inUse: true });
});

test('pods that are gone make room for those that came for them', async () => {
  const lab = { ...quiet(), near: many('near', 10), far: many('old', 10) };
  const use = await watched(link, lab, () => Object.assign(lab, { far: many('new', 10), busy: 'new' }));
  expect(use, use.seen.join()).toMatchObject({ inUse: true });
});

interface Lab {
  near: V1Pod[];
  far: V1Pod[];
  /** Pods of these names have no `cat`, or connections from the near end. */
  blind: string;
  busy: string;
}

function quiet(): Lab {
  return { near: [pod('near-0', [NEAR])], far: [pod('far-0', [FAR])], blind: '-', busy: '-' };
}

function many(name: string, count: number): V1Pod[] {
  return Array.from({ length: count }, (_, index) => pod(`${name}-${index}`, [`10.0.0.${index + 1}`]));
}

function pod(name: string, addresses: readonly string[]): V1Pod {
  return {
    metadata: { name, uid: `uid-of-${name}` },
    spec: { containers: [{ name: 'main' }] },
    status: { phase: 'Running', podIP: addresses[0] ?? '', podIPs: addresses.map((ip) => ({ ip })) },
  };
}

/** Looked at for 20 seconds, after three without a load. */
async function watched(to: object, lab: Lab, change = () => {}) {
  const asked = makeRequest({ kind: 'partition', component: 'link', for: '5s' });
  const here = { provider: 'chaos-mesh', namespace: 'lab', labels: { app: 'client' }, to };
  const began = Date.now();
  const cluster = {
    listPods: async ({ labels }: { labels: Record<string, string> }) =>
      labels.app === 'client' ? lab.near : lab.far,
    exec: async ({ pod: name }: { pod: string }) => {
      if (name.startsWith(lab.blind)) return 'exec failed: "cat": not found';
      return tables(name.startsWith(lab.busy) ? Math.max(0, Date.now() - began - 3_000) / 50 : 0);
    },
    execStream: async () => {
      throw new Error('no shell in these pods');
    },
  } as unknown as Cluster;
  const watch = watchUse(Promise.resolve(cluster), asked, chaosMeshComponent.parse(here));
  await vi.advanceTimersByTimeAsync(3_000);
  const from = Date.now();
  change();
  await vi.advanceTimersByTimeAsync(20_000);
  const use = await watch.between([], { from, to: Date.now(), quiet: { from: began, to: from } });
  await watch.close();
  return use;
}

/** As a kernel prints them, with so many connections from the near end. */
function tables(connections: number): string {
  const rows = Array.from({ length: connections }, (_, index) => {
    const port = (20_000 + index).toString(16).toUpperCase();
    return `   ${index}: 0101000A:1F90 0100000A:${port} 06 00000000:00000000`;
  });
  return `  eth0:356 4 0 0 0 0 0 0 426 5 0 0 0 0 0 0
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens
Tcp: 1 200 120000 -1 7 ${Math.round(connections)}
${rows.join('\n')}`;
}
