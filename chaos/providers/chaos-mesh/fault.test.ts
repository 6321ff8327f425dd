import type { V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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

interface World {
  object: ChaosObject | undefined;
  pods: V1Pod[];
}

function makeWorld(): World {
  return { object: undefined, pods: [pod('web-1')] };
}

async function inEffect(fault: Record<string, unknown>): Promise<{ prepared: PreparedFault; world: World }> {
  const world = makeWorld();
  const prepared = await prepare(world, fault);
  await prepared.act(signal);
  if (fault.kind === 'kill') world.pods = [];
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
    listPods: async () => world.pods,
    async create(object, { dryRun }) {
      if (dryRun) return object;
      const { status } = makeObject(object.kind, [makeRecord('web-1', 'Apply Succeeded')]);
      world.object = { ...object, metadata: { ...object.metadata, uid: 'uid-1' }, ...(status && { status }) };
      return world.object;
    },
    read: async () => world.object,
    async remove() {
      world.object = undefined;
      return true;
    },
    listPodChaos: async () => [],
    watch() {},
  };
  return known as Cluster;
}

function pod(name: string): V1Pod {
  return {
    metadata: { name, namespace: 'lab', uid: `uid-of-${name}`, labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: 'web' }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

async function soon<T>(work: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(3000);
  return await work;
}
