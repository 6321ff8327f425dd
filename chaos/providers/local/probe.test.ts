import { afterEach, expect, test, vi } from 'vitest';
import type { ComponentProbe } from '../../probes/index.ts';
import { drillProbe } from '../../probes/index.ts';
import { requestOf, startReplicas, stateOf } from './fixtures/world.ts';
import { createLocalProvider } from './provider.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const ask = (probe: Record<string, unknown>, form: Record<string, unknown>) => {
  const { run, component, environment } = requestOf({ kind: 'kill' }, form);
  const asked = drillProbe.parse({ name: 'probe', component: 'target', within: '1s', ...probe });
  const request = { run, component, environment, probe: asked as ComponentProbe };
  return createLocalProvider().probe?.(request, AbortSignal.timeout(5_000));
};

test('as many processes run as the environment names, none of them dead or stopped', async () => {
  const replicas = startReplicas(2);
  cleanups.push(replicas.close);
  const form = { process: { pidFiles: replicas.pidFiles } };
  const [first = 0, second = 0] = replicas.pids();
  expect(await ask({ kind: 'ready-within' }, form)).toEqual({ ok: true, detail: '2 of 2 processes run' });

  process.kill(first, 'SIGSTOP');
  await vi.waitUntil(() => stateOf(first) === 'stopped', { timeout: 20_000 });
  expect(await ask({ kind: 'ready-within' }, form)).toEqual({ ok: false, detail: '1 of 2 processes run' });
  expect(await ask({ kind: 'replicas', atMost: 1 }, form)).toMatchObject({ ok: true });
  process.kill(first, 'SIGCONT');

  process.kill(second, 'SIGKILL');
  await vi.waitUntil(async () => !(await ask({ kind: 'ready-within' }, form))?.ok, { timeout: 20_000 });
  expect(await ask({ kind: 'replicas', atLeast: 2 }, form)).toMatchObject({ ok: false });
  replicas.supervise();
  await vi.waitUntil(async () => (await ask({ kind: 'ready-within' }, form))?.ok, { timeout: 20_000 });
});

test('what has no processes of its own, and what only a cluster or a cloud can say, is refused', async () => {
  const link = { link: { listen: '127.0.0.1:9060', upstream: '127.0.0.1:9020' } };
  const refused = { name: 'ProviderError', fix: expect.stringContaining('ready-within') };
  await expect(ask({ kind: 'ready-within' }, link)).rejects.toMatchObject(refused);
  await expect(ask({ kind: 'rollout' }, { process: { port: 9 } })).rejects.toMatchObject(refused);
});
