import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askProbe } from '../fixtures/ask-probe.ts';
import { type StandIn, startStandIn } from '../fixtures/stand-in.ts';
import { furnish, INSTANCE, SERVICE, TEST_CREDENTIALS } from '../fixtures/world.ts';
import { createAwsProvider } from '../provider.ts';

let standIn: StandIn;
beforeEach(async () => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
  standIn = await startStandIn();
  furnish(standIn);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await standIn.close();
});

const provider = createAwsProvider();

const ask = (probe: object, form: object = SERVICE) => askProbe(provider, standIn, probe, form);

test('(stand-in) tasks that run and are not unhealthy count, against the bounds of the probe', async () => {
  expect(await ask({ kind: 'replicas', atLeast: 3 })).toEqual({ ok: true, detail: '3 tasks run' });
  expect(await ask({ kind: 'replicas', atLeast: 5 })).toEqual({ ok: false, detail: '3 tasks run' });
  expect(await ask({ kind: 'replicas', atMost: 2 })).toEqual({ ok: false, detail: '3 tasks run' });
  Object.assign(standIn.ecs.tasks[0] ?? {}, { healthStatus: 'UNHEALTHY' });
  Object.assign(standIn.ecs.tasks[1] ?? {}, { lastStatus: 'PENDING' });
  expect(await ask({ kind: 'replicas', atMost: 1 })).toEqual({ ok: true, detail: '1 task runs' });
  expect(await ask({ kind: 'ready-within' })).toEqual({ ok: false, detail: '1 of 3 tasks run' });
});

test('(stand-in) a task whose health check has not answered yet is not ready', async () => {
  Object.assign(standIn.ecs.tasks[2] ?? {}, { healthStatus: 'UNKNOWN' });
  expect(await ask({ kind: 'ready-within' })).toEqual({ ok: false, detail: '2 of 3 tasks run' });
  expect(await ask({ kind: 'replicas', atLeast: 3 })).toEqual({ ok: false, detail: '2 tasks run' });
  for (const task of standIn.ecs.tasks) Object.assign(task, { healthStatus: 'UNKNOWN' });
  expect(await ask({ kind: 'ready-within' })).toEqual({ ok: false, detail: '0 of 3 tasks run' });
});

test('(stand-in) without a health check, it is enough that tasks run', async () => {
  for (const task of standIn.ecs.tasks) Object.assign(task, { healthStatus: 'UNKNOWN' });
  expect(await ask({ kind: 'ready-within' })).toEqual({ ok: true, detail: '3 of 3 tasks run' });
});

test('(stand-in) a service that scales from two to five, and down to one, is seen to', async () => {
  const [first] = standIn.ecs.tasks;
  const scaleTo = (count: number) =>
    standIn.ecs.tasks.splice(
      0,
      Number.POSITIVE_INFINITY,
      ...Array.from({ length: count }, (_, index) => ({ ...first, taskArn: `${first?.taskArn}-${index}` })),
    );
  const out = { kind: 'replicas', atLeast: 5, within: '3min' };
  const back = { kind: 'replicas', atMost: 1, within: '5min' };
  scaleTo(2);
  expect((await ask(out))?.ok).toBe(false);
  scaleTo(5);
  expect(await ask(out)).toEqual({ ok: true, detail: '5 tasks run' });
  expect((await ask(back))?.ok).toBe(false);
  scaleTo(1);
  expect(await ask(back)).toEqual({ ok: true, detail: '1 task runs' });
});

test('(stand-in) a rollout is complete when one deployment is left, completed, and all of its tasks run', async () => {
  const [service] = standIn.ecs.services;
  expect((await ask({ kind: 'rollout' }))?.ok).toBe(true);
  Object.assign(service ?? {}, { deployments: [{ status: 'PRIMARY', rolloutState: 'IN_PROGRESS' }] });
  expect(await ask({ kind: 'rollout' })).toEqual({
    ok: false,
    detail: '1 deployment, in progress, 3 of 3 tasks run',
  });
  service?.deployments?.push({ status: 'ACTIVE' });
  expect((await ask({ kind: 'rollout' }))?.detail).toContain('2 deployments');
});

test('(stand-in) what cannot be answered is refused beforehand', async () => {
  await expect(ask({ kind: 'replicas', atLeast: 1 }, INSTANCE)).rejects.toThrow(
    /answers no probe of kind replicas/,
  );
  const nowhere = { ecs: { cluster: 'music', service: 'nowhere' } };
  await expect(ask({ kind: 'ready-within' }, nowhere)).rejects.toThrow(/no active service music\/nowhere/);
  Object.assign(standIn.ecs.services[0] ?? {}, { desiredCount: 0 });
  await expect(ask({ kind: 'ready-within' })).rejects.toThrow(/wants no task/);
});

test('(stand-in) it calls what its policy allows, and STS first', async () => {
  const file = new URL('../policies/probe-ecs-service.json', import.meta.url);
  const allowed = JSON.parse(readFileSync(file, 'utf8')).Statement[0].Action;
  await ask({ kind: 'replicas', atLeast: 3 });
  await ask({ kind: 'replicas', atLeast: 3 });
  const [first, ...rest] = standIn.calls;
  expect(first).toBe('sts:GetCallerIdentity');
  expect([...new Set(rest)].sort()).toEqual([...allowed].sort());
});
