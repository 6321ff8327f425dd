import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kubeconfigText } from '../../kubernetes/fixtures/kubeconfig.ts';
import { type Cluster, connect } from './cluster.ts';
import { makeObject } from './fixtures/requests.ts';

/** As often does the API server fail first, at each path; and every request that came. */
const api = { failures: 1, how: 'busy' as 'busy' | 'reset', asked: [] as string[] };
const server = createServer((request, response) => {
  const asked = `${request.method} ${request.url?.split('?')[0]}`;
  api.asked.push(asked);
  if (api.asked.filter((one) => one === asked).length > api.failures) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ items: [], resources: [], status: { allowed: true } }));
  } else if (api.how === 'busy') {
    response.writeHead(503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: 'the server is shutting down' }));
  } else {
    request.socket.destroy();
  }
});

let cluster: Cluster;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'squall-cluster-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kubeconfig = path.join(directory, 'kubeconfig');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(kubeconfig, kubeconfigText(url, { token: 't' }));
  cluster = await connect({ kubeconfig });
});
beforeEach(() => void Object.assign(api, { failures: 1, asked: [] }));
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const signal = AbortSignal.timeout(60_000);
const at = { kind: 'PodChaos', namespace: 'lab', name: 'one' } as const;
const access = { namespace: 'lab', group: '', resource: 'pods', verb: 'list' };
const reads: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['listPods', () => cluster.listPods({ namespace: 'lab', labels: {} }, signal)],
  ['listWorkloads', () => cluster.listWorkloads('lab', signal)],
  ['listTold', () => cluster.listTold({ namespace: 'lab', uid: 'u', reason: 'r' }, signal)],
  ['allowed', () => cluster.allowed(access, signal)],
  ['read', () => cluster.read(at, signal)],
  ['list', () => cluster.list(at, '', signal)],
  ['listPodChaos', () => cluster.listPodChaos('NetworkChaos', 'lab', signal)],
  ['installedKinds', () => cluster.installedKinds(signal)],
];

describe.each(['busy', 'reset'] as const)('an API server that fails once (%s)', (how) => {
  test.each(reads)('is asked again: %s', async (_, read) => {
    api.how = how;
    await read();
    expect(api.asked.length).toBe(2 * new Set(api.asked).size);
  });
});

test('what changes something is done once: who asks for it knows whether it may be repeated', async () => {
  Object.assign(api, { how: 'busy' });
  const object = { ...makeObject('PodChaos', []), metadata: at } as ReturnType<typeof makeObject>;
  for (const change of [
    () => cluster.create(object, { dryRun: false }, signal),
    () => cluster.remove(at, 'u', signal),
    () => cluster.restart('lab', 'one', signal),
  ])
    await expect(change()).rejects.toThrow(/503|shutting down/);
  expect(api.asked).toHaveLength(3);
});

test('an API server that is gone is reported in a second or two', async () => {
  Object.assign(api, { how: 'reset', failures: Number.POSITIVE_INFINITY });
  const began = Date.now();
  await expect(cluster.installedKinds(signal)).rejects.toThrow(/cannot be reached/);
  expect(api.asked).toHaveLength(3);
  expect(Date.now() - began).toBeLessThan(10_000);
});
