import type { V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Workload } from '../../kubernetes/core-calls.ts';
import { explain } from '../../kubernetes/errors.ts';
import { NoEvidenceError, type PreparedFault } from '../../provider.ts';
import type { Cluster } from './cluster.ts';
import { prepareObject } from './fault.ts';
import { componentOf, makeObject, makeRecord, makeRequest } from './fixtures/requests.ts';
import type { ChaosObject } from './objects/types.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const signal = new AbortController().signal;

test('a fault that lasts is out when squall has deleted its object, once or twice', async () => {
  const { prepared } = await inEffect({ kind: 'time', for: '10s', params: { offset: '-10min' } });
  await soon(prepared.revert(signal));
  await soon(prepared.revert(signal));
  expect((await soon(prepared.observeEnd(signal))).seen.join()).toMatch(/the object is gone/);
});

test('an object that somebody else deleted proves no end: nobody knows for how long the fault was in', async () => {
  const { prepared, world } = await inEffect({ kind: 'time', for: '10s', params: { offset: '-10min' } });
  world.object = undefined;
  await soon(prepared.revert(signal));
  await soon(prepared.revert(signal));
  const ended = prepared.observeEnd(signal).catch((error) => error);
  const outcome = await soon(ended);
  expect(outcome).toBeInstanceOf(NoEvidenceError);
  expect(outcome.message).toMatch(/somebody else deleted the TimeChaos .*nothing proves that time lasted/);
});

test('a target that was replaced in the middle does not prove a lasting fault, and the fault is still taken out', async () => {
  const { prepared, world } = await inEffect({ kind: 'time', for: '10s', params: { offset: '-10min' } });
  world.pods = [pod('web-2')];
  await soon(prepared.revert(signal));
  expect(world.object).toBeUndefined();
  await soon(prepared.revert(signal));
  const outcome = await soon(prepared.observeEnd(signal).catch((error) => error));
  expect(outcome).toBeInstanceOf(NoEvidenceError);
  expect(outcome.message).toMatch(/pod web-1 .* was replaced .*nothing proves that time lasted/);
});

test('if it cannot be checked whether it is still in, it is taken out and proves nothing', async () => {
  const { prepared, world } = await inEffect({ kind: 'time', for: '10s', params: { offset: '-10min' } });
  world.unreadable = Number.POSITIVE_INFINITY;
  await soon(prepared.revert(signal), 9_000);
  expect(world.object).toBeUndefined();
  world.unreadable = 0;
  const outcome = await soon(prepared.observeEnd(signal).catch((error) => error));
  expect(outcome.message).toMatch(/nobody could look whether it was still in \(cut off\)/);
});

test('a look that fails once is repeated, and a run that is being stopped does not look at all', async () => {
  const once = await inEffect({ kind: 'time', for: '10s', params: { offset: '-10min' } });
  once.world.unreadable = 1;
  await soon(once.prepared.revert(signal));
  expect((await soon(once.prepared.observeEnd(signal))).seen.join()).toMatch(/the object is gone/);

  const stopped = await inEffect({ kind: 'time', for: '10s', params: { offset: '-10min' } });
  stopped.world.unreadable = Number.POSITIVE_INFINITY;
  await stopped.prepared.revert(signal, true);
  expect(stopped.world.object).toBeUndefined();
});

test('a primary that was hit and is no longer one, by its label, was still under the fault', async () => {
  const { prepared, world } = await inEffect({ kind: 'time', for: '10s', params: { offset: '-10min' } });
  world.relabelled = world.pods;
  world.pods = [pod('web-2')];
  await soon(prepared.revert(signal));
  expect((await soon(prepared.observeEnd(signal))).seen.join()).toMatch(/1 of 1 pods are ready/);
});

test('a component that is to have fewer pods than before is back with as many as it is to have', async () => {
  const { prepared, world } = await inEffect({ kind: 'time', for: '10s', params: { offset: '-10min' } }, 2);
  await soon(prepared.revert(signal));
  world.pods = [pod('web-1')];
  world.wanted = 1;
  expect((await soon(prepared.observeEnd(signal))).seen.join()).toMatch(/1 of 1 pods are ready/);
});

const others = ['agent-1', 'agent-2', 'agent-3'];

test.each([
  ['a kill', { kind: 'kill' }],
  ['a fault that lasts', { kind: 'time', for: '10s', params: { offset: '-10min' } }],
])('pods of others with the same labels do not stand in for one that is not back: %s', async (_, fault) => {
  const { prepared, world } = await inEffect(fault, 2, others);
  await soon(prepared.revert(signal));
  world.pods = ['web-2', ...others].map(pod);
  const end = vi.fn();
  const ended = prepared.observeEnd(signal).then(end);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(end).not.toHaveBeenCalled();
  world.pods = ['web-2', 'web-3', ...others].map(pod);
  await soon(ended);
  expect(end.mock.calls[0]?.[0].seen.join()).toMatch(/5 of 5 pods are ready/);
});

test('beside pods of others, too, an autoscaler may take some away', async () => {
  const fault = { kind: 'time', for: '10s', params: { offset: '-10min' } };
  const { prepared, world } = await inEffect(fault, 2, others);
  await soon(prepared.revert(signal));
  world.pods = ['web-1', ...others].map(pod);
  world.wanted = 1;
  expect((await soon(prepared.observeEnd(signal))).seen.join()).toMatch(/4 of 4 pods are ready/);
});

test('a pod too many, of a rollout that was under way, need not come back', async () => {
  const fault = { kind: 'time', for: '10s', params: { offset: '-10min' } };
  const { prepared, world } = await inEffect(fault, 1, [], ['web-2']);
  await soon(prepared.revert(signal));
  world.pods = [pod('web-1')];
  expect((await soon(prepared.observeEnd(signal))).seen.join()).toMatch(/1 of 1 pods are ready/);
});

test('a webhook that is late once costs no fault, whether it is asked to check or to create', async () => {
  const world = makeWorld();
  world.lateAnswers = 1;
  const prepared = await soon(prepare(world, { kind: 'time', for: '10s', params: { offset: '-10min' } }));
  world.lateAnswers = 1;
  await soon(prepared.act(signal));
  expect((await soon(prepared.observe(signal))).seen).not.toEqual([]);
});

test('what never went in, or was never seen, has nobody else to blame', async () => {
  const world = makeWorld();
  const prepared = await prepare(world, { kind: 'time', for: '10s', params: { offset: '-10min' } });
  await soon(prepared.revert(signal));
  expect((await soon(prepared.observeEnd(signal))).seen.join()).toMatch(/1 of 1 pods are ready/);
});

test('a kill does not last: its object may be gone when it has done its work', async () => {
  const { prepared, world } = await inEffect({ kind: 'kill' });
  world.object = undefined;
  world.pods = [pod('web-2')];
  await soon(prepared.revert(signal));
  expect((await soon(prepared.observeEnd(signal))).seen.join()).toMatch(/web-2 .*is ready/);
});

test.each([
  ['deleted', { undeletable: Number.POSITIVE_INFINITY }],
  ['read', { hidden: Number.POSITIVE_INFINITY }],
])('a kill whose object cannot be %s is proven, and is left for its undo', async (_, failures) => {
  const { prepared, world } = await inEffect({ kind: 'kill' });
  world.pods = [pod('web-2')];
  const ended = prepared.observeEnd(signal);
  Object.assign(world, failures);
  expect((await soon(ended, 60_000)).seen.join()).toMatch(/web-2 .*is ready/);
  expect(prepared.isLeft?.()).toBe(true);
  Object.assign(world, { undeletable: 0, hidden: 0 });
  await soon(prepared.observeEnd(signal));
  expect(prepared.isLeft?.()).toBe(false);
});

interface World {
  object: ChaosObject | undefined;
  pods: V1Pod[];
  /** Of the deployment, whose pods are called web. */
  wanted: number;
  /** Pods of the namespace without the labels of the component. */
  relabelled: V1Pod[];
  /** So many lists of pods fail first. */
  unreadable: number;
  /** So many deletions, and reads of the object, fail first. */
  undeletable: number;
  hidden: number;
  /** So many calls fail first. */
  lateAnswers: number;
}

function makeWorld(wanted = 1): World {
  const pods = Array.from({ length: wanted }, (_, i) => pod(`web-${i + 1}`));
  const failures = { unreadable: 0, undeletable: 0, hidden: 0, lateAnswers: 0 };
  return { object: undefined, pods, wanted, relabelled: [], ...failures };
}

async function inEffect(
  fault: Record<string, unknown>,
  wanted = 1,
  ...more: readonly (readonly string[])[]
): Promise<{ prepared: PreparedFault; world: World }> {
  const world = makeWorld(wanted);
  world.pods.push(...more.flat().map(pod));
  const prepared = await prepare(world, fault);
  await prepared.act(signal);
  if (fault.kind === 'kill') world.pods = world.pods.slice(1);
  await soon(prepared.observe(signal));
  return { prepared, world };
}

async function prepare(world: World, fault: Record<string, unknown>): Promise<PreparedFault> {
  const request = makeRequest(fault);
  const target = { label: 'web-1', identity: { pod: 'web-1', uid: 'uid-of-web-1' }, healthy: true };
  return await prepareObject(clusterOf(world), request, componentOf(request), [target], signal);
}

/** Chaos Mesh at its best: what is created is in effect at once, and what is deleted goes. */
function clusterOf(world: World): Cluster {
  const known: Partial<Cluster> = {
    context: 'test',
    server: 'https://cluster.test',
    async listPods({ labels }) {
      if (world.unreadable-- > 0) throw new Error('cut off');
      return Object.keys(labels).length > 0 ? world.pods : [...world.pods, ...world.relabelled];
    },
    listWorkloads: async () => [workload(world)],
    async create(object, { dryRun }) {
      if (world.lateAnswers-- > 0) {
        const body = { message: 'failed calling webhook "v.test": context deadline exceeded' };
        throw explain({ code: 500, body }, 'create it', 'https://cluster.test');
      }
      if (dryRun) return object;
      const { status } = makeObject(object.kind, [makeRecord('web-1', 'Apply Succeeded')]);
      world.object = { ...object, metadata: { ...object.metadata, uid: 'uid-1' }, ...(status && { status }) };
      return world.object;
    },
    async read() {
      if (world.hidden-- > 0) throw new Error('cut off');
      return world.object;
    },
    async remove() {
      if (world.undeletable-- > 0) throw new Error('cut off');
      world.object = undefined;
      return true;
    },
    listPodChaos: async () => [],
    watch() {},
  };
  return known as Cluster;
}

function workload({ wanted, pods }: World): Workload {
  const template = { metadata: { labels: { app: 'web' } } };
  const readyReplicas = pods.filter(({ metadata }) => metadata?.name?.startsWith('web')).length;
  return {
    kind: 'Deployment',
    spec: { replicas: wanted, selector: {}, template },
    status: { readyReplicas },
  };
}

function pod(name: string): V1Pod {
  return {
    metadata: { name, namespace: 'lab', uid: `uid-of-${name}`, labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: 'web' }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

async function soon<T>(work: Promise<T>, ms = 3_000): Promise<T> {
  await vi.advanceTimersByTimeAsync(ms);
  return await work;
}
