import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { kubeconfigText } from '../../kubernetes/fixtures/kubeconfig.ts';
import { ProviderError } from '../../provider.ts';
import type { ComponentProbe } from '../../schema/drill.ts';
import { makeRequest } from './fixtures/requests.ts';
import { createChaosMeshProvider } from './provider.ts';
import { rolloutState } from './rollout.ts';

// The component `pods` is what has app=web in the namespace lab. These are only the answers of an API server, not one.
const api = vi.hoisted(() => ({ pods: [] as object[], deployments: [] as object[], forbidden: false }));
const server = createServer((request, response) => {
  const resource = new URL(request.url ?? '', 'http://server').pathname.split('/').at(-1);
  const forbidden = api.forbidden && resource === 'deployments';
  const items = resource === 'pods' ? api.pods : resource === 'deployments' ? api.deployments : [];
  response.writeHead(forbidden ? 403 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(forbidden ? { message: 'deployments.apps is forbidden' } : { items }));
});

let directory: string;
beforeEach(async () => {
  Object.assign(api, { pods: [pod('web-1')], deployments: [], forbidden: false });
  directory = mkdtempSync(path.join(tmpdir(), 'squall-probe-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kubeconfig = path.join(directory, 'kubeconfig');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(kubeconfig, kubeconfigText(url, { token: 't' }, 'stand-in'));
  vi.stubEnv('KUBECONFIG', kubeconfig);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const KINDS = ['ready-within', 'rollout'] as const;

describe('with made-up answers of an API server', () => {
  test.each(KINDS)('%s: pods that no workload has in its template are no answer', async (kind) => {
    api.deployments = [deployment('other', { app: 'other' }, 3)];
    const refusal = await refusalOf(kind);
    expect(refusal.message).toBe(
      'chaos-mesh: no deployment or stateful set in lab has app=web in its pod template',
    );
    expect(refusal.fix).toMatch(/-n lab get deployments.*kind `replicas` counts pods/);
  });

  test.each(KINDS)('%s: a workload that wants no replicas is no answer', async (kind) => {
    api.deployments = [deployment('web', { app: 'web' }, 0)];
    const refusal = await refusalOf(kind);
    expect(refusal.message).toMatch(/0 replicas are wanted .*app=web in lab \(Deployment web\)/);
    expect(refusal.fix).toMatch(/kind `replicas` counts pods/);
  });

  test.each(KINDS)('%s: a right that is missing is no answer', async (kind) => {
    api.forbidden = true;
    const refusal = await refusalOf(kind);
    expect(refusal.message).toMatch(/cannot list deployments and stateful sets in lab: .*forbidden/);
    expect(refusal.fix).toMatch(/rbac\.yaml/);
  });

  test('too few are an answer, and so are enough', async () => {
    api.deployments = [deployment('web', { app: 'web', tier: 'front' }, 2)];
    expect(await ask('ready-within')).toEqual({ ok: false, detail: '1 of 2 replicas are ready' });
    expect(await ask('rollout')).toMatchObject({ ok: false });
    api.pods = [pod('web-1'), pod('web-2')];
    api.deployments = [deployment('web', { app: 'web', tier: 'front' }, 2, { readyReplicas: 2 })];
    expect(await ask('ready-within')).toEqual({ ok: true, detail: '2 of 2 replicas are ready' });
  });

  test('ready-within: pods of others with the same labels do not stand in for those of the workload', async () => {
    api.pods = ['web-1', 'agent-1', 'agent-2'].map(pod);
    api.deployments = [deployment('web', { app: 'web' }, 2, { readyReplicas: 1 })];
    expect(await ask('ready-within')).toEqual({
      ok: false,
      detail: '3 of 2 replicas are ready; Deployment web has 1 of 2 ready',
    });
    // As many as it wants, by a spec that its controller has not seen yet.
    const behind = { readyReplicas: 2, observedGeneration: 3 };
    api.deployments = [deployment('web', { app: 'web' }, 2, behind, 4)];
    expect(await ask('ready-within')).toMatchObject({ ok: false });
    api.deployments = [deployment('web', { app: 'web' }, 2, behind, 3)];
    expect(await ask('ready-within')).toMatchObject({ ok: true });
  });

  test('replicas counts pods: it takes neither a workload nor the right to see one', async () => {
    api.forbidden = true;
    expect(await ask('replicas')).toEqual({ ok: true, detail: '1 replica is ready' });
    expect(await ask('replicas', { atMost: 1 })).toMatchObject({ ok: true });
    expect(await ask('replicas', { atMost: 0 })).toMatchObject({ ok: false });
  });

  test('replicas: none at all are few enough only of a workload that is there', async () => {
    Object.assign(api, { pods: [], deployments: [deployment('other', { app: 'other' }, 3)] });
    const refusal = await refusalOf('replicas', { atMost: 5 });
    expect(refusal.message).toMatch(/^chaos-mesh: no pod in lab has app=web, and no deployment/);
    expect(refusal.fix).toMatch(/-n lab get deployments/);
    // Too few of them are an answer, too.
    expect(await ask('replicas')).toEqual({ ok: false, detail: '0 replicas are ready' });
    api.deployments = [deployment('web', { app: 'web' }, 0)];
    expect(await ask('replicas', { atMost: 0 })).toEqual({ ok: true, detail: '0 replicas are ready' });
    api.forbidden = true;
    expect((await refusalOf('replicas', { atMost: 0 })).message).toMatch(/cannot list deployments/);
  });

  test('replicas: pods that were there once may all go, whoever made them', async () => {
    api.forbidden = true;
    const provider = createChaosMeshProvider();
    expect(await ask('replicas', { atMost: 0 }, provider)).toEqual({
      ok: false,
      detail: '1 replica is ready',
    });
    api.pods = [];
    expect(await ask('replicas', { atMost: 0 }, provider)).toEqual({
      ok: true,
      detail: '0 replicas are ready',
    });
  });
});

test('a rollout of no replicas is never complete', () => {
  const of = (replicas: number) => {
    const status = { replicas, readyReplicas: replicas, updatedReplicas: replicas, observedGeneration: 1 };
    return [{ metadata: { generation: 1 }, spec: { replicas }, status }] as never;
  };
  expect(rolloutState(of(0))).toMatchObject({ complete: false });
  expect(rolloutState(of(1))).toMatchObject({ complete: true });
});

async function ask(
  kind: ComponentProbe['kind'],
  replicas: object = { atLeast: 1 },
  provider = createChaosMeshProvider(),
) {
  const { component, environment, run } = makeRequest({ kind: 'kill' });
  const bound = kind === 'replicas' ? replicas : {};
  const probe = { name: 'p', kind, component: 'pods', within: 1_000, ...bound } as ComponentProbe;
  const signal = AbortSignal.timeout(10_000);
  return await provider.probe?.({ run, probe, component, environment }, signal);
}

async function refusalOf(kind: ComponentProbe['kind'], replicas?: object): Promise<ProviderError> {
  const outcome = await ask(kind, replicas).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(ProviderError);
  return outcome as ProviderError;
}

function pod(name: string): object {
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  return { metadata: { name, namespace: 'lab', labels: { app: 'web' } }, spec: { containers: [] }, status };
}

function deployment(
  name: string,
  labels: object,
  replicas: number,
  status: object = {},
  generation?: number,
): object {
  const template = { metadata: { labels } };
  return { metadata: { name, generation }, spec: { replicas, template }, status };
}
