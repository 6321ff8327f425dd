import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { UndoRecord } from '../../provider.ts';
import type { Cluster } from './cluster.ts';
import { makeObject, makeRecord } from './fixtures/requests.ts';
import type { ChaosObject, ContainerRecord } from './objects/types.ts';
import { createChaosMeshProvider } from './provider.ts';
import { deleteObject, type ObjectPlace, objectPlace, undoRecord } from './undo.ts';

const place: ObjectPlace = {
  kind: 'NetworkChaos',
  namespace: 'lab',
  name: 'some-object',
  run: 'run-1',
  context: 'test',
  server: 'https://cluster.test',
  kubeconfig: '/etc/kubeconfig',
  reaches: ['lab'],
};
const letGo = `KUBECONFIG=/etc/kubeconfig kubectl --context test -n lab patch networkchaos some-object --type=merge -p '{"metadata":{"finalizers":[]}}'`;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('an object that its finalizer holds is reported with the command that lets go of it, and nothing else is done', async () => {
  const cluster = clusterWith(object([makeRecord('web-1', 'Apply Failed')]), 'never goes');
  const outcome = await overALongTime(deleteObject(cluster, place, new AbortController().signal));
  expect(outcome).toMatchObject({ state: 'failed', sight: 'there', left: { command: letGo } });
  expect(outcome.left?.what).toBe(
    'NetworkChaos lab/some-object is still there; no pod was ever under the fault, by its records; held by chaos-mesh/records; Apply failed at 2026-01-01T00:00:00Z: no netem; letting go of it takes the right to patch networkchaos',
  );
  expect([...new Set(cluster.calls)]).toEqual(['read', 'remove', 'listPodChaos']);
});

test('pods that are still under the fault are named, and replaced by the command', async () => {
  const cluster = clusterWith(
    object([makeRecord('web-1', 'Apply Succeeded', 'Recover Failed')]),
    'never goes',
  );
  const outcome = await overALongTime(deleteObject(cluster, place, new AbortController().signal));
  expect(outcome.left?.what).toMatch(/still in effect on lab\/web-1;/);
  expect(outcome.left?.command).toBe(
    `${letGo} && KUBECONFIG=/etc/kubeconfig kubectl --context test -n lab delete pod web-1`,
  );
});

test('an object that goes when it is deleted leaves nothing to say', async () => {
  const cluster = clusterWith(object([makeRecord('web-1', 'Apply Succeeded')]), 'goes');
  const outcome = await overALongTime(deleteObject(cluster, place, new AbortController().signal));
  expect(outcome).toMatchObject({ state: 'undone' });
  expect(outcome.left).toBeUndefined();
});

const refused = Object.assign(new Error('Unauthorized'), { code: 401 });
const away = new Error('connect ECONNREFUSED');

test('credentials that stay refused are given up long before the time is over', async () => {
  const cluster = clusterWith(object([]), 'goes', () => refused);
  const undoing = deleteObject(cluster, place, new AbortController().signal).catch((error) => error);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await Promise.race([undoing, 'still trying'])).toBe(refused);
});

test('a server that is away for long, and refuses once while it starts, costs nothing', async () => {
  const from = Date.now();
  const cluster = clusterWith(object([]), 'goes', () => {
    const sinceMs = Date.now() - from;
    return sinceMs < 20_000 ? away : sinceMs < 21_000 ? refused : undefined;
  });
  const outcome = await overALongTime(deleteObject(cluster, place, new AbortController().signal));
  expect(outcome).toMatchObject({ state: 'undone' });
});

test('the undo has the time that a stuck object takes: longer than the usual few seconds', () => {
  expect(undoRecord('cut', place).deadlineMs).toBeGreaterThan(40_000);
});

test('another cluster under the name of the context is out of reach, and not looked at', async () => {
  const cluster = clusterWith(object([]), 'goes');
  const outcome = await deleteObject(
    cluster,
    { ...place, server: 'https://before.test' },
    new AbortController().signal,
  );
  expect(outcome).toMatchObject({ state: 'failed', sight: 'out-of-reach' });
  expect(cluster.calls).toEqual([]);
});

const missing = Object.assign(new Error('the server could not find the requested resource'), { code: 404 });
const forbidden = Object.assign(new Error('forbidden'), { code: 403 });

test.each([
  ['a cluster without Chaos Mesh, made again at the same address, is out of reach', missing, 'out-of-reach'],
  [
    'so are rules that may not be read: their namespace may be gone, with its rights',
    forbidden,
    'out-of-reach',
  ],
])('with a stand-in for the cluster: %s', async (_, error, sight) => {
  const cluster = clusterWith(object([]), 'goes');
  const there = {
    ...cluster,
    read: async () => undefined,
    listPodChaos: () => Promise.reject(error),
  };
  const outcome = await overALongTime(deleteObject(there, place, new AbortController().signal));
  expect(outcome.state).toBe('failed');
  expect(outcome.sight).toBe(sight);
});

test('with a stand-in for the cluster: rules that were seen and could not be taken out are there', async () => {
  const source = 'lab/some-object';
  const rules = { metadata: { namespace: 'lab', name: 'web-1' }, spec: { iptables: [{ source }] } };
  const there = {
    ...clusterWith(object([]), 'goes'),
    read: async () => undefined,
    listPodChaos: async () => [rules],
    patchPodChaos: () => Promise.reject(forbidden),
  } as unknown as Cluster;
  const outcome = await overALongTime(deleteObject(there, place, new AbortController().signal));
  expect(outcome).toEqual({ state: 'failed', detail: 'forbidden', sight: 'there' });
});

test('a kubeconfig that is gone, or no longer has the context, is out of reach; an unknown undo is not', async () => {
  const provider = createChaosMeshProvider();
  const undo = (record: UndoRecord) => provider.undo(record, new AbortController().signal);
  const directory = mkdtempSync(path.join(tmpdir(), 'squall-kubeconfig-'));
  const kubeconfig = path.join(directory, 'kubeconfig');
  const record = undoRecord('cut', { ...place, kubeconfig });
  const gone = await undo(record);
  writeFileSync(kubeconfig, 'contexts: [{ name: other, context: { cluster: other, user: other } }]');
  const renamed = await undo(record);
  rmSync(directory, { recursive: true });
  expect(gone).toMatchObject({ sight: 'out-of-reach', detail: expect.stringContaining('no cluster is') });
  expect(renamed).toMatchObject({
    sight: 'out-of-reach',
    detail: expect.stringContaining('no context "test"'),
  });
  const unknown = await undo({ ...record, action: 'something' });
  expect(unknown).toEqual({ state: 'failed', detail: 'chaos-mesh does not know the undo something' });
});

test.each<[string, Record<string, unknown>]>([
  ['no kind', { kind: undefined }],
  ['a kind of its own', { kind: 'Secret' }],
  ['a kind from the prototype', { kind: 'constructor' }],
  ['a name that is a command', { name: 'x; rm -rf ~' }],
  ['a name that is an option', { name: '--all' }],
  ['a name that climbs', { name: '../secrets/x' }],
  ['a namespace with a line break', { namespace: 'lab\nkube-system' }],
  ['a protected namespace', { namespace: 'kube-system' }],
  ['pods in a protected namespace', { reaches: ['lab', 'chaos-mesh'] }],
  ['an older one, which did not say what it reaches', { reaches: undefined }],
  ['one that reaches nothing', { reaches: [] }],
  ['a text instead of a list', { reaches: 'lab' }],
  ['a run that is no label', { run: 'a,squall/run' }],
  ['a run that is missing', { run: undefined }],
  ['a context that moves the cursor', { context: 'test\u001b[2J' }],
  ['no server', { server: '' }],
  ['a number as kubeconfig', { kubeconfig: 4711 }],
])('an undo record with %s is refused by message, and no cluster is asked', async (_, change) => {
  const record = undoRecord('cut', place);
  const changed = { ...record, data: { ...record.data, ...change } };
  const outcome = await createChaosMeshProvider().undo(changed, new AbortController().signal);
  expect(outcome).toEqual({
    state: 'failed',
    detail: expect.stringContaining('is damaged, or of another version (data.'),
  });
  expect(outcome.detail).toContain(Object.keys(change)[0]);
  expect(outcome.detail).not.toMatch(/\p{Cc}/u);
});

test.each<[string, unknown]>([
  ['nothing', null],
  ['a text', 'delete everything'],
  ['a list', [place]],
  ['nothing in it', {}],
])('undo data that is %s is refused by message', async (_, data) => {
  const record = { ...undoRecord('cut', place), data } as UndoRecord;
  const outcome = await createChaosMeshProvider().undo(record, new AbortController().signal);
  expect(outcome.detail).toContain('is damaged, or of another version (data');
});

test('what a record of today says, and a newer one adds, is followed', () => {
  const { data } = undoRecord('cut', place);
  expect(objectPlace.parse(JSON.parse(JSON.stringify({ ...data, later: true })))).toEqual(place);
});

test("in a pod with the cluster's own credentials kubectl needs no context, and there is none to name", () => {
  const record = undoRecord('cut', { ...place, context: 'inClusterContext' });
  expect(record.command).toBe('kubectl -n lab delete networkchaos some-object');
});

async function overALongTime<T>(work: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(60_000);
  return await work;
}

function object(records: readonly ContainerRecord[]): ChaosObject {
  const made = makeObject('NetworkChaos', records);
  const metadata = {
    ...made.metadata,
    uid: 'uid-1',
    labels: { 'squall/run': 'run-1' },
    finalizers: ['chaos-mesh/records'],
  };
  return { ...made, metadata };
}

/**
 * A cluster with one object, which goes when it is deleted, or stays marked as deleted. Every other call is a mistake.
 * @param trouble what a call fails with, now
 */
function clusterWith(
  there: ChaosObject,
  end: 'goes' | 'never goes',
  trouble: () => Error | undefined = () => undefined,
): Cluster & { calls: string[] } {
  const calls: string[] = [];
  let deleted = false;
  const known: Partial<Cluster> = {
    server: place.server,
    async read() {
      calls.push('read');
      const error = trouble();
      if (error !== undefined) throw error;
      if (!deleted) return there;
      if (end === 'goes') return undefined;
      return { ...there, metadata: { ...there.metadata, deletionTimestamp: '2026-01-01T00:00:01Z' } };
    },
    async remove() {
      calls.push('remove');
      deleted = true;
      return true;
    },
    async listPodChaos() {
      calls.push('listPodChaos');
      return [];
    },
  };
  return { ...(known as Cluster), calls };
}
