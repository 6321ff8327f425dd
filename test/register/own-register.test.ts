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

test('no promise has gone missing', () => {
  const promises = Object.values(own.value.areas).flatMap((area) => Object.keys(area.promises));
  expect(promises.length).toBeGreaterThanOrEqual(90);
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
