import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chaosMeshComponent, PROTECTED_NAMESPACES } from './component.ts';
import { componentOf, makePod, makeRequest } from './fixtures/requests.ts';
import { refuseProtected, refuseTooMany } from './protect.ts';

it.each([
  ['in kube-system', { namespace: 'kube-system' }],
  ['in chaos-mesh', { namespace: 'chaos-mesh' }],
  ["on the node's network", { hostNetwork: true }],
  ['of Chaos Mesh, wherever it is installed', { labels: { 'app.kubernetes.io/part-of': 'chaos-mesh' } }],
])('a pod %s is never hit', (_, change) => {
  expect(() => refuseProtected('web', [makePod('a'), makePod('b', change)])).toThrow(/is protected/);
});

it.each(PROTECTED_NAMESPACES)('an environment cannot name the namespace %s', (namespace) => {
  const parsed = chaosMeshComponent.safeParse({ provider: 'chaos-mesh', namespace, labels: { app: 'x' } });
  expect(parsed.success).toBe(false);
});

it('an empty selector is no component', () => {
  const parsed = chaosMeshComponent.safeParse({ provider: 'chaos-mesh', namespace: 'lab', labels: {} });
  expect(parsed.error?.issues[0]?.message).toMatch(/every pod of the namespace/);
});

it('never lets through more than the stated share of the ready pods', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.nat(200), fc.integer({ min: 1, max: 100 }), (ready, count, percent) => {
      const component = componentOf(makeRequest({ kind: 'kill' }, { atMost: `${percent}%` }));
      const names = { faultName: 'f', componentName: 'c', component, count, ready };
      const allowed = count * 100 <= ready * percent;
      if (allowed) expect(() => refuseTooMany(names)).not.toThrow();
      else expect(() => refuseTooMany(names)).toThrow(/at most/);
    }),
  );
});
