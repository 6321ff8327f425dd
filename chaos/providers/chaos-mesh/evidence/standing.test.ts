import { expect, it } from 'vitest';
import { makeFault, makeObject, makePod, makeRecord } from '../fixtures/requests.ts';
import type { Scene } from './effects.ts';
import { type Standing, whyNotInForce } from './standing.ts';

const freeze = makeFault({ kind: 'freeze', for: '10s' });
const stress = makeFault({ kind: 'stress', for: '10s', params: { cpu: { workers: 1, load: 50 } } });
const http = makeFault({ kind: 'http', for: '10s', params: { port: 8080, abort: true } });
const partition = makeFault({ kind: 'partition', component: 'link', for: '10s' });
const [one, two, far] = [makePod('web-1'), makePod('web-2'), makePod('far-1')];
const injected = (...names: string[]) =>
  makeObject(
    'NetworkChaos',
    names.map((name) => makeRecord(name, 'Apply Succeeded')),
  );
const rulesIn = (...names: string[]) =>
  names.map((name) => ({ pod: `lab/${name}`, rules: 1, applied: true, failure: undefined }));
const container = (id: string, image = 'web') => ({ name: 'web', id, ready: true, restarts: 0, image });
const withContainer = (...containers: ReturnType<typeof container>[]) => makePod('web-1', { containers });

function onPod(now: Partial<Scene>): Standing {
  const begun: Scene = { object: injected('web-1'), pods: [one, two], rules: [] };
  return {
    before: { pods: [one, two], far: [], targets: [one] },
    begun,
    now: { ...begun, ...now },
    hit: now.pods ?? begun.pods,
    far: [],
    container: 'web',
  };
}

function onLink(now: Partial<Scene>, farNow = [far]): Standing {
  const rules = rulesIn('web-1', 'web-2', 'far-1');
  const begun: Scene = { object: injected('web-1', 'web-2', 'far-1'), pods: [one, two], rules };
  return {
    before: { pods: [one, two], far: [far], targets: [] },
    begun,
    now: { ...begun, ...now },
    hit: [],
    far: farNow,
    container: undefined,
  };
}

it('has held when all is as it was when it was seen', () => {
  const frozen = { pods: [withContainer(container('containerd://another', 'pause')), two] };
  expect(whyNotInForce(freeze, onPod(frozen))).toBeUndefined();
  expect(whyNotInForce(stress, onPod({}))).toBeUndefined();
  expect(whyNotInForce(partition, onLink({}))).toBeUndefined();
});

it('an object that is gone is recognised by its deletion', () => {
  expect(whyNotInForce(freeze, onPod({ object: undefined, pods: [] }))).toBeUndefined();
});

it.each([
  ['gone', [two]],
  ['another one of the same name', [makePod('web-1', { uid: 'another' }), two]],
  ['on its way out', [makePod('web-1', { terminating: true, ready: false }), two]],
])('a target that is %s is no longer under the fault', (_, pods) => {
  for (const fault of [freeze, stress, http]) {
    expect(whyNotInForce(fault, onPod({ pods }))).toMatch(/^pod web-1 \(uid uid-of-web-1\) was replaced/);
  }
});

it('a target that has lost the labels of its component is under the fault as before', () => {
  expect(whyNotInForce(http, { ...onPod({ pods: [two] }), hit: [one, two] })).toBeUndefined();
});

it('a frozen pod that has its own image again is no longer frozen', () => {
  expect(whyNotInForce(freeze, onPod({}))).toMatch(/web-1 .*had its own image again/);
});

it('what acts in a container ends with it, what acts on the pod does not', () => {
  const sidecar = { name: 'proxy', id: 'p', ready: true, restarts: 0, image: 'proxy' };
  const pods = [withContainer(container('containerd://restarted')), two];
  expect(whyNotInForce(stress, onPod({ pods }))).toMatch(/^container web of pod web-1 .* was restarted/);
  expect(whyNotInForce(http, onPod({ pods }))).toBeUndefined();
  const before = withContainer(sidecar, container('containerd://web-1'));
  const after = withContainer({ ...sidecar, id: 'q' }, container('containerd://web-1'));
  const standing = onPod({ pods: [after] });
  expect(
    whyNotInForce(stress, { ...standing, begun: { ...standing.begun, pods: [before] } }),
  ).toBeUndefined();
});

it('a pod that has lost its rules is no longer cut off', () => {
  expect(whyNotInForce(partition, onLink({ rules: rulesIn('web-1', 'far-1') }))).toMatch(
    /^lab\/web-2 has lost the rules/,
  );
});

it('what Chaos Mesh has recovered by itself is over', () => {
  const paused = makeObject('NetworkChaos', [
    makeRecord('web-1', 'Apply Succeeded', 'Recover Succeeded'),
    makeRecord('web-2', 'Apply Succeeded'),
    makeRecord('far-1', 'Apply Succeeded'),
  ]);
  expect(whyNotInForce(partition, onLink({ object: paused }))).toBe(
    'Chaos Mesh had recovered 1 of those it had hit',
  );
});

it('what was paused and resumed in the middle has not lasted, though all is injected again', () => {
  const [first, ...rest] = ['web-1', 'web-2', 'far-1'].map((name) => makeRecord(name, 'Apply Succeeded'));
  const events = ['Apply Succeeded', 'Recover Succeeded', 'Apply Succeeded'];
  const resumed = { ...makeRecord('web-1', ...events), injectedCount: 2 };
  const object = makeObject('NetworkChaos', [resumed, ...rest]);
  expect(whyNotInForce(partition, onLink({ object }))).toBe(
    'Chaos Mesh had recovered 1 of those it had hit, and hit them again (a pause of the NetworkChaos?)',
  );
  // Before its effect was seen: that does not count.
  const standing = onLink({ object });
  expect(whyNotInForce(partition, { ...standing, begun: { ...standing.begun, object } })).toBeUndefined();
  // Injected again without a recovery.
  const again = makeObject('NetworkChaos', [{ ...first, injectedCount: 2 } as typeof resumed, ...rest]);
  expect(whyNotInForce(partition, onLink({ object: again }))).toBeUndefined();
});

it.each([
  ['near', [one, two, makePod('web-3')], [far]],
  ['far', [one, two], [far, makePod('web-3')]],
  ['far, under a name that was known', [one, two], [makePod('far-1', { uid: 'another' })]],
])('pods that join the %s end later are not cut off', (_, pods, farNow) => {
  const late = farNow[0]?.uid === 'another' ? 'far-1' : 'web-3';
  expect(whyNotInForce(partition, onLink({ pods }, farNow))).toMatch(
    new RegExp(`^${late} joined the link later`),
  );
});

it('pods that are not ready yet, or have left, do not matter to a link', () => {
  const pods = [one, two, makePod('web-3', { ready: false })];
  expect(whyNotInForce(partition, onLink({ pods }, []))).toBeUndefined();
});

it('an end without records tells nothing of who joined it', () => {
  const standing = onLink({}, [far, makePod('web-3')]);
  const object = injected('web-1', 'web-2');
  expect(
    whyNotInForce(partition, {
      ...standing,
      begun: { ...standing.begun, object },
      now: { ...standing.now, object },
    }),
  ).toBeUndefined();
});
