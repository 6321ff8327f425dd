import { expect, it } from 'vitest';
import { makeFault, makeObject, makePod, makeRecord } from '../fixtures/requests.ts';
import { hasBegun, hasEnded } from './effects.ts';

const kill = makeFault({ kind: 'kill' });
const freeze = makeFault({ kind: 'freeze', for: '10s' });
const partition = makeFault({ kind: 'partition', component: 'link', for: '10s' });
const [one, two] = [makePod('web-1'), makePod('web-2')];
const before = { pods: [one, two], far: [], targets: [one] };
const killed = makeObject('PodChaos', [makeRecord('web-1', 'Apply Succeeded')]);
const rule = { pod: 'lab/web-1', rules: 2, applied: true, failure: undefined };

it('a pod that went away without an object of the run is no evidence', () => {
  expect(hasBegun(kill, before, { object: undefined, pods: [two], rules: [] })).toHaveProperty('missing');
});

it('an event of Chaos Mesh without an effect on the pod is no evidence', () => {
  expect(hasBegun(kill, before, { object: killed, pods: [one, two], rules: [] })).toEqual({
    missing: 'pod web-1 is still running',
  });
});

it('a kill is proven by the event and by the UID that is gone', () => {
  const look = hasBegun(kill, before, {
    object: killed,
    pods: [makePod('web-1', { uid: 'another' }), two],
    rules: [],
  });
  expect(look).toEqual({
    seen: [
      'pod web-1 (uid uid-of-web-1) is gone',
      'lab/web-1: Chaos Mesh reports Apply succeeded at 2026-01-01T00:00:00Z (cluster time)',
    ],
  });
});

it('the words of a failure are passed on', () => {
  const object = makeObject('NetworkChaos', [makeRecord('web-1', 'Apply Failed')]);
  expect(
    hasBegun(partition, { pods: [one], far: [], targets: [] }, { object, pods: [one], rules: [rule] }),
  ).toEqual({
    missing: '0 of 1 injected; Chaos Mesh: Apply failed at 2026-01-01T00:00:00Z: no netem',
  });
});

it('an object that has selected nothing has not begun', () => {
  const object = makeObject('NetworkChaos', []);
  expect(
    hasBegun(partition, { pods: [one], far: [], targets: [] }, { object, pods: [one], rules: [rule] }),
  ).toHaveProperty('missing');
});

it('a partition of which one pod is not injected yet has not begun', () => {
  const object = makeObject('NetworkChaos', [makeRecord('web-1', 'Apply Succeeded'), makeRecord('web-2')]);
  expect(
    hasBegun(partition, { pods: [one], far: [], targets: [] }, { object, pods: [one], rules: [rule] }),
  ).toEqual({
    missing: '1 of 2 injected',
  });
});

it('a partition whose pods have not applied their rules has not begun', () => {
  const object = makeObject('NetworkChaos', [makeRecord('web-1', 'Apply Succeeded')]);
  const scene = { object, pods: [one], rules: [{ ...rule, applied: false }] };
  expect(hasBegun(partition, { pods: [one], far: [], targets: [] }, scene)).toHaveProperty('missing');
  expect(hasBegun(partition, { pods: [one], far: [], targets: [] }, { ...scene, rules: [] })).toHaveProperty(
    'missing',
  );
  expect(
    hasBegun(partition, { pods: [one], far: [], targets: [] }, { ...scene, rules: [rule] }),
  ).toHaveProperty('seen');
});

it('a container-kill is proven by the container that is hit, and by no other of the pod', () => {
  const containers = (restarts: { app: number; proxy: number }) =>
    (['proxy', 'app'] as const).map((name) => {
      const id = `containerd://${name}-${restarts[name]}`;
      return { name, id, ready: true, restarts: restarts[name], image: 'web' };
    });
  const was = makePod('web-1', { containers: containers({ app: 0, proxy: 0 }) });
  const object = {
    ...killed,
    spec: { ...killed.spec, containerNames: ['app'] },
  } as typeof killed;
  const look = (restarts: { app: number; proxy: number }) => {
    const pods = [makePod('web-1', { containers: containers(restarts) })];
    const fault = makeFault({ kind: 'container-kill' });
    return hasBegun(fault, { pods: [was], far: [], targets: [was] }, { object, pods, rules: [] });
  };
  expect(look({ app: 0, proxy: 1 })).toEqual({ missing: 'container app of web-1 is that of before' });
  expect(look({ app: 1, proxy: 0 })).toMatchObject({
    seen: expect.arrayContaining(['pod web-1: container app has ended, restart 1']),
  });
});

it('a frozen pod is one that is there and not ready', () => {
  const pods = (change: object) => [makePod('web-1', change), two];
  expect(hasBegun(freeze, before, { object: killed, pods: pods({}), rules: [] })).toHaveProperty('missing');
  expect(hasBegun(freeze, before, { object: killed, pods: [two], rules: [] })).toHaveProperty('missing');
  expect(
    hasBegun(freeze, before, { object: killed, pods: pods({ ready: false }), rules: [] }),
  ).toHaveProperty('seen');
});

it('a pod that is ready with the image of pod-failure in it is frozen: it has no readiness probe', () => {
  const swapped = (id: string) =>
    makePod('web-1', { containers: [{ name: 'web', id, ready: true, restarts: 1, image: 'pause' }] });
  const look = (pod: ReturnType<typeof makePod>) =>
    hasBegun(freeze, before, { object: killed, pods: [pod, two], rules: [] });
  expect(look(swapped('containerd://another'))).toMatchObject({
    seen: expect.arrayContaining([expect.stringMatching(/web-1 .*runs another image/)]),
  });
  // The old container runs until its grace period is over.
  for (const id of ['containerd://web-1', '']) expect(look(swapped(id))).toHaveProperty('missing');
});

it('a component that is to have fewer pods by now is back with those', () => {
  const scene = { object: undefined, pods: [two], rules: [] };
  expect(hasEnded(partition, before, scene)).toEqual({ missing: '1 of 2 pods are ready' });
  expect(hasEnded(partition, before, scene, 1)).toMatchObject({
    seen: expect.arrayContaining(['1 of 1 pods are ready']),
  });
});

it('a killed component is back when as many others are ready', () => {
  const scene = (pods: ReturnType<typeof makePod>[]) => ({ object: killed, pods, rules: [] });
  expect(hasEnded(kill, before, scene([one, two]))).toEqual({ missing: '1 of 2 pods are ready' });
  expect(hasEnded(kill, before, scene([two, makePod('web-3', { ready: false })]))).toHaveProperty('missing');
  expect(hasEnded(kill, before, scene([two, makePod('web-3')]))).toMatchObject({
    seen: expect.arrayContaining(['pod web-3 (new uid uid-of-web-3) is ready']),
  });
});

it('a fault that lasts has not ended while its object or its rules are there', () => {
  expect(hasEnded(partition, before, { object: killed, pods: [one, two], rules: [] })).toHaveProperty(
    'missing',
  );
  expect(hasEnded(partition, before, { object: undefined, pods: [one, two], rules: [rule] })).toHaveProperty(
    'missing',
  );
  expect(hasEnded(partition, before, { object: undefined, pods: [one, two], rules: [] })).toHaveProperty(
    'seen',
  );
});

it('a pod that still runs the image of pod-failure does not count as ready', () => {
  const swapped = makePod('web-1', {
    containers: [{ name: 'web', id: 'x', ready: true, restarts: 1, image: 'pause' }],
  });
  expect(hasEnded(freeze, before, { object: undefined, pods: [swapped, two], rules: [] })).toHaveProperty(
    'missing',
  );
});
