import { expect, it } from 'vitest';
import { componentOf, makeRequest } from '../fixtures/requests.ts';
import { buildObject } from './build.ts';
import { checkObject } from './check.ts';
import type { ChaosObject } from './types.ts';

function partition(change: (spec: Record<string, unknown>) => unknown, name = 'squall-test'): ChaosObject {
  const request = makeRequest({ kind: 'partition', component: 'link', for: '10s' });
  const object = buildObject(
    { ...request, component: componentOf(request), hit: { pods: [], container: undefined } },
    { name, labels: {} },
  );
  return { ...object, spec: { ...object.spec, ...(change({ ...object.spec }) as object) } } as ChaosObject;
}

it.each([
  ['an empty selector', { selector: { namespaces: ['lab'] } }, /would match every pod/],
  [
    'a selector without a namespace',
    { selector: { namespaces: [], labelSelectors: { a: 'b' } } },
    /names no namespace/,
  ],
  [
    'a namespace that is not listed',
    { selector: { namespaces: ['prod'], labelSelectors: { a: 'b' } } },
    /prod, which is not listed/,
  ],
  [
    'an empty target',
    { target: { mode: 'all', selector: { namespaces: ['lab'] } } },
    /target.selector is empty/,
  ],
  ['no target at all', { target: undefined }, /no target/],
  ['mode fixed without a number', { mode: 'fixed' }, /needs a value/],
  ['a fault without an end', { duration: undefined }, /would never end/],
  ['a duration that is none', { duration: 'soon' }, /is not a duration/],
  ['hosts in both directions', { target: undefined, externalTargets: ['192.0.2.1'] }, /needs direction: to/],
])('refuses %s', (_, change, message) => {
  expect(() =>
    checkObject(
      partition(() => change),
      ['lab'],
    ),
  ).toThrow(message);
});

it('refuses a name that Kubernetes would not take', () => {
  expect(() =>
    checkObject(
      partition(() => ({}), 'Not A Name'),
      ['lab'],
    ),
  ).toThrow(/cannot be a name/);
});

it('refuses a protected namespace, even when it is listed', () => {
  const object = partition(() => ({}));
  const moved = { ...object, metadata: { ...object.metadata, namespace: 'kube-system' } };
  expect(() => checkObject(moved, ['lab', 'kube-system'])).toThrow(/kube-system is protected/);
});
