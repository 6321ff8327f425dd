import path from 'node:path';
import { expect, test } from 'vitest';
import { loadRegister } from '../../chaos/definitions/load-register.ts';
import { packageRoot } from '../../chaos/package-root.ts';
import type { Register } from '../../chaos/schema/register.ts';
import { problemsOf } from './resolve.ts';

const own = await loadRegister(path.join(packageRoot(), 'thresholds', 'register.yaml'));

test('each promise is measured by something that exists, with the same bound, or is listed with its reason', async () => {
  expect(await problemsOf(own.value)).toEqual([]);
});

/** What the systems' owners ask for, by area. A row that is lost on the way would be neither measured nor listed as not measured. */
const asked: Readonly<Record<string, readonly string[]>> = {
  'golden-signals': [
    ...['gateway.latency.p50', 'gateway.latency.p95', 'gateway.latency.p99', 'gateway.throughput'],
    ...['gateway.errors', 'gateway.availability', 'gateway.overload', 'gateway.every-endpoint'],
    ...['saturation.cpu', 'saturation.memory', 'saturation.disk', 'saturation.peak-cpu'],
  ],
  studio: [
    ...['projects.create.latency.p95', 'projects.lost-writes'],
    ...['beats.duration', 'beats.errors', 'beats.stored', 'beats.memory-growth', 'exports.queue'],
    ...['vocal.chunk-latency', 'vocal.dropped-chunks', 'vocal.cpu', 'vocal.reconnect', 'vocal.memory-growth'],
    ...['collaboration', 'mix.errors'],
  ],
  edges: [
    ...['auth.missing-token', 'auth.expired-token', 'auth.tampered-token', 'auth.admin-as-user'],
    ...['auth.other-users-project', 'auth.login-injection', 'ids.not-guessable', 'answers.no-secrets'],
    ...[
      'input.script-in-name',
      'input.sql-in-search',
      'input.path-traversal',
      'input.10MB-json',
      'rate-limit',
    ],
    ...['health.dependency-down', 'health.empty-payload', 'health.slower-than-5s'],
    ...['flapping', 'cascading-failure'],
  ],
  incidents: [
    ...['detection', 'alert', 'auto-recovery', 'slo-alert', 'stable-after', 'error-budget.freeze'],
    ...['control-loop.period', 'control-loop.duration', 'kill-switch', 'rollback.trigger', 'audit-log'],
  ],
  failover: [
    'pod.recovery',
    'rds.failover',
    'redis.failover',
    'cross-cloud.failover',
    'partition.cross-cloud',
  ],
  'cross-cloud': ['latency.p95', 'ai-request'],
  deployments: [
    ...['ecs.deploy', 'ecs.autoscale', 'ecs.scale-down', 'ecs.alarm'],
    ...['cloud-run.deploy', 'cloud-run.cold-start', 'kubernetes.deploy', 'kubernetes.hpa'],
    ...['rolling-update', 'canary', 'automatic-rollback', 'deployment.evidence', 'green.smoke'],
    'post-deploy.watch',
  ],
  stores: ['rds.migration', 's3', 'events.query'],
  stability: ['soak-7d', 'soak-30d'],
  cost: ['aws.daily', 'gcp.daily', 'month', 'optimisation'],
  business: ['model-routing.accuracy', 'onboarding', 'churn'],
  observability: ['observability'],
  reporting: ['reporting'],
};

test('each promise that was asked for is in the register, once', () => {
  const sorted = (lists: typeof asked) =>
    Object.fromEntries(Object.entries(lists).map(([area, ids]) => [area, [...ids].sort()]));
  const areas = Object.entries(own.value.areas).map(
    ([area, { promises }]) => [area, Object.keys(promises)] as const,
  );
  expect(sorted(Object.fromEntries(areas))).toEqual(sorted(asked));
});

const withOne = (promise: object): Register => ({
  systems: own.value.systems,
  areas: { a: { title: 'A', system: 'gateway', promises: { x: promise as never } } },
});

test.each([
  [
    { bound: '< 90ms', by: [{ drill: 'spike', objective: 'gateway.latency.p95' }] },
    'x: drill spike: gateway.latency.p95 has "p95 < 100ms", the promise is "< 90ms"',
  ],
  [
    { bound: '< 100ms', by: [{ drill: 'spike', objective: 'gateway.latency.p96' }] },
    'x: there is no drill spike: gateway.latency.p96',
  ],
  [{ bound: '< 100ms', by: [{ drill: 'spik', objective: 'gateway.latency.p95' }] }, 'there is no drill spik'],
  [
    { bound: '< 100ms', by: [{ scenario: 'golden-signals', objective: 'gateway.latency.p95' }] },
    'x: there is no scenario golden-signals: gateway.latency.p95',
  ],
  [
    { bound: '< 99ms', by: [{ scenario: 'golden-signals', objective: 'gateway.latency.p95.*' }] },
    'x: scenario golden-signals: gateway.latency.p95.* has "p95 < 100ms"',
  ],
  [{ bound: '= 0', by: [{ scenario: 'nowhere', objective: 'a' }] }, 'there is no scenario nowhere: a'],
  [
    { bound: 'within 20s', by: [{ drill: 'spike', expectation: 'gateway-lost.detectWithin' }] },
    'x: drill spike: gateway-lost.detectWithin has "within 30 s", the promise is "within 20s"',
  ],
  [
    { bound: 'within 60s', by: [{ drill: 'spike', probe: 'gateway-alarm' }] },
    'there is no drill spike: probe gateway-alarm',
  ],
  [
    { bound: 'fast', by: [{ drill: 'spike', objective: 'gateway.latency.p95' }] },
    '"fast" has none: say `bound:`',
  ],
  [{ bound: 'fast', notMeasured: 'nobody got to it' }, 'x: "nobody got to it" is no reason'],
])('%j is found out', async (promise, problem) => {
  expect((await problemsOf(withOne(promise))).join('\n')).toContain(problem);
});
