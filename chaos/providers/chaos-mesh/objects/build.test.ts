import { expect, it } from 'vitest';
import { componentOf, everyFault, makeRequest } from '../fixtures/requests.ts';
import { buildObject } from './build.ts';
import { checkObject, isOneShot } from './check.ts';
import type { ChaosObject, NetworkChaosSpec } from './types.ts';

const metadata = { name: 'squall-test', labels: { 'squall/run': 'run-1' } };

function build(fault: Record<string, unknown>): ChaosObject {
  const request = makeRequest(fault);
  const component = componentOf(request);
  const hit = { pods: ['web-1', 'web-2'], container: 'web' };
  return buildObject(
    { fault: request.fault, componentName: request.componentName, component, hit },
    metadata,
  );
}

it.each(everyFault)("squall's own check has nothing against the object of $kind on $component", (fault) => {
  expect(() => checkObject(build(fault), ['lab'])).not.toThrow();
});

it.each(everyFault)(
  '$kind on $component ends by itself after the time of the drill, when it lasts',
  (fault) => {
    const object = build(fault);
    expect(object.spec.duration).toBe('for' in fault ? '40s' : undefined);
    expect(isOneShot(object)).toBe(!('for' in fault));
  },
);

it('hits pods by the names that were resolved, and no others', () => {
  expect(build({ kind: 'kill' }).spec).toEqual({
    action: 'pod-kill',
    mode: 'all',
    selector: { namespaces: ['lab'], pods: { lab: ['web-1', 'web-2'] } },
    gracePeriod: 0,
  });
});

it('cuts a link in both directions between the pods at its ends', () => {
  expect(build({ kind: 'partition', component: 'link', for: '10s' }).spec).toMatchObject({
    action: 'partition',
    direction: 'both',
    selector: { namespaces: ['lab'], labelSelectors: { app: 'client' } },
    target: { mode: 'all', selector: { namespaces: ['lab'], labelSelectors: { app: 'web' } } },
  });
});

it('a selector by labels takes only running pods: Chaos Mesh never succeeds on one that has ended or not begun', () => {
  const running = { podPhaseSelectors: ['Running'] };
  expect(build({ kind: 'partition', component: 'link', for: '10s' }).spec).toMatchObject({
    selector: running,
    target: { selector: running },
  });
  expect(build({ kind: 'partition', component: 'outside', for: '10s' }).spec.selector).toMatchObject(running);
});

it('cuts a link to hosts in the one direction that Chaos Mesh has', () => {
  const spec = build({ kind: 'partition', component: 'outside', for: '10s' }).spec as NetworkChaosSpec;
  expect(spec).toMatchObject({ direction: 'to', externalTargets: ['192.0.2.1'] });
  expect(spec.target).toBeUndefined();
});

it.each([
  ['link', undefined, 'both'],
  ['link', 'to', 'to'],
  ['pods', undefined, 'to'],
  ['outside', undefined, 'to'],
])('limits the bandwidth on %s with direction %s in direction %s', (component, direction, meant) => {
  const params = { rate: '1MB/s', ...(direction === undefined ? {} : { direction }) };
  expect(build({ kind: 'bandwidth', component, for: '1s', params }).spec).toMatchObject({ direction: meant });
});

it('writes shares as percentages and rates as bytes per second', () => {
  expect(
    build({ kind: 'loss', component: 'link', for: '1s', params: { share: '12.5%' } }).spec,
  ).toMatchObject({
    loss: { loss: '12.5' },
  });
  expect(build({ kind: 'bandwidth', for: '1s', params: { rate: '8Mbit/s' } }).spec).toMatchObject({
    bandwidth: { rate: '1000000bps' },
  });
});

it('writes parts of milliseconds so that the pattern of the CRD takes them', () => {
  expect(
    build({ kind: 'latency', for: '1s', params: { delay: '1.5ms', direction: 'to' } }).spec,
  ).toMatchObject({
    delay: { latency: '1500us' },
  });
});

it.each([
  [{ kind: 'kill', component: 'link' }, /is a link/],
  [{ kind: 'partition', for: '1s' }, /needs a link/],
  [{ kind: 'partition', component: 'link', for: '1s', params: { mode: 'reset' } }, /cannot reset/],
  [{ kind: 'latency', component: 'outside', for: '1s', params: { delay: '1ms' } }, /only `direction: to`/],
  [{ kind: 'latency', for: '1s', params: { delay: '1ms' } }, /no far end/],
  [{ kind: 'failover' }, /Chaos Mesh has no failover/],
])('refuses %j with a way out', (fault, message) => {
  expect(() => build(fault)).toThrow(message);
  expect(() => build(fault)).toThrow(
    expect.objectContaining({ name: 'ProviderError', fix: expect.stringMatching(/\w/) }),
  );
});
