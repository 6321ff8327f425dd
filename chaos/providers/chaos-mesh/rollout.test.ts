import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Cluster } from './cluster.ts';
import { componentOf, makeRequest } from './fixtures/requests.ts';
import { resolveTargets } from './resolve.ts';
import { prepareRollout } from './rollout.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const signal = new AbortController().signal;
const away = (maxUnavailable: string | number, maxSurge?: string | number) => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxUnavailable, ...(maxSurge !== undefined && { maxSurge }) },
});

// Three ready pods, of which half may be hit: one.
test.each([
  ['with the strategy that Kubernetes takes', undefined],
  ['that takes one away', away(1)],
  ['whose share is one pod, rounded down as Kubernetes does', away('66%')],
  ['that takes none away', away(0, 1)],
  ['that must begin somewhere', away(0, 0)],
])('a rollout %s is allowed', async (_, strategy) => {
  const { targets } = await resolve({ strategy });
  expect(targets).toMatchObject([{ label: 'deployment lab/web', healthy: true }]);
});

test.each([
  [3, { type: 'Recreate' }],
  [2, away(2)],
  [3, away('100%')],
  [3, away(7)],
])('a rollout that takes %i of 3 pods away at once is refused', async (count, strategy) => {
  await expect(resolve({ strategy })).rejects.toThrow(
    `some-rollout would hit ${count} of the 3 ready pods of pods; at most 50 % (1) may be hit`,
  );
  expect(await resolve({ strategy }, { atMost: 1 })).toMatchObject({ healthy: 1 });
});

test('a deployment that is paused does not roll, and is refused', async () => {
  await expect(resolve({ paused: true })).rejects.toThrow('the deployment lab/web is paused');
});

test('a deployment without a pod is refused, whoever else has its labels', async () => {
  const world = makeWorld();
  world.pods = [pod('agent-1', 'DaemonSet', 'agent')];
  await expect(resolve({}, {}, world)).rejects.toThrow('no pod of pods is of the deployment lab/web');
});

test('a rollout is complete when the pods of its deployment are new, whoever else has its labels', async () => {
  const world = makeWorld();
  world.pods.push(pod('agent-1', 'DaemonSet', 'agent'), pod('other-1', 'ReplicaSet', 'other-1', '1'));
  const request = makeRequest({ kind: 'rollout' });
  const { targets } = await resolve({}, {}, world);
  const cluster = clusterOf(world, {});
  const prepared = await prepareRollout(cluster, request, componentOf(request), targets, signal);
  await prepared.act(signal);
  const begun = vi.fn();
  const observed = prepared.observe(signal).then(begun);
  world.pods.push(pod('agent-2', 'DaemonSet', 'agent'));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(begun).not.toHaveBeenCalled();
  world.pods = [
    ...world.pods.slice(3),
    ...['x', 'y', 'z'].map((one) => pod(`web-${one}`, 'ReplicaSet', 'web-2', '2')),
  ];
  await vi.advanceTimersByTimeAsync(3_000);
  await observed;
  expect(begun.mock.calls[0]?.[0].seen.join()).toMatch(/^pod web-x .*is there,pod web-y .*,pod web-z /);
  const ended = prepared.observeEnd(signal);
  await vi.advanceTimersByTimeAsync(3_000);
  expect((await ended).seen).toEqual([
    'deployment web: 3 of 3 replicas are of the newest revision, 3 ready, 3 there',
  ]);
});

interface World {
  pods: V1Pod[];
}

function makeWorld(): World {
  return { pods: ['1', '2', '3'].map((one) => pod(`web-${one}`, 'ReplicaSet', 'web-1', '1')) };
}

async function resolve(spec: object, change: object = {}, world = makeWorld()) {
  const request = makeRequest({ kind: 'rollout' });
  const component = { ...componentOf(request), ...change };
  return await resolveTargets(clusterOf(world, spec), request, component, signal);
}

function clusterOf(world: World, spec: object): Cluster {
  const template = { metadata: { labels: { app: 'web' } } };
  const web = { kind: 'Deployment', metadata: { name: 'web', uid: 'uid-of-web', generation: 1 } };
  const status = { replicas: 3, readyReplicas: 3, updatedReplicas: 3, observedGeneration: 1 };
  const deployment = { ...web, spec: { replicas: 3, selector: {}, template, ...spec }, status };
  const database = {
    kind: 'StatefulSet',
    metadata: { name: 'db', uid: 'uid-of-db', generation: 1 },
    spec: { replicas: 2, selector: {}, template },
  };
  const known: Partial<Cluster> = {
    allowed: async () => true,
    listPods: async () => world.pods,
    listWorkloads: async () => [deployment as V1Deployment, database as V1Deployment],
    restart: async () => {},
  };
  return known as Cluster;
}

function pod(name: string, kind: string, owner: string, hash?: string): V1Pod {
  const labels = { app: 'web', ...(hash !== undefined && { 'pod-template-hash': hash }) };
  const ownerReferences = [{ apiVersion: 'v1', kind, name: owner, uid: `uid-of-${owner}`, controller: true }];
  return {
    metadata: { name, namespace: 'lab', uid: `uid-of-${name}`, labels, ownerReferences },
    spec: { containers: [{ name: 'web', image: 'web' }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}
