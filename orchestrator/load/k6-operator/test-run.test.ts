import { expect, test } from 'vitest';
import { k6OperatorLoad } from '../../../chaos/schema/load.ts';
import { testRun } from './test-run.ts';

const settings = k6OperatorLoad.parse({
  runner: 'k6-operator',
  namespace: 'load',
  parallelism: 2,
  image: 'grafana/k6:1.8.1',
});
const made = (parts: readonly string[], more: object = {}) => {
  const all = { ...settings, ...more };
  return testRun({
    name: 'squall-load-0-ab',
    labels: {},
    settings: all,
    parts,
    arguments: ['--quiet'],
    env: {},
  });
};

test('where k6 says what it takes, so do the containers beside it: a quota refuses a pod of which one does not', () => {
  const taken = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } };
  const small = {
    requests: { cpu: '50m', memory: '32Mi' },
    limits: { cpu: '200m', memory: '64Mi' },
  };
  const beside = [
    { name: 'squall-samples', resources: small },
    { name: 'squall-wait', resources: small },
  ];
  for (const parts of [['one'], ['one', 'two']])
    expect(made(parts, { resources: taken }).spec).toMatchObject({
      runner: { resources: taken, initContainers: beside },
    });
  const { runner } = made(['one']).spec as { runner: { initContainers: object[] } };
  expect(runner.initContainers.some((one) => 'resources' in one)).toBe(false);
});

test('an archive in one ConfigMap is mounted by k6-operator itself', () => {
  expect(made(['squall-load-0-ab']).spec).toMatchObject({
    script: { configMap: { name: 'squall-load-0-ab', file: 'script.tar' } },
    runner: { volumes: [{ name: 'squall-samples' }] },
  });
});

test('more than ten ConfigMaps keep their order where a shell lists them', () => {
  const parts = Array.from({ length: 12 }, (_, i) => `part-${i}`);
  const { script, runner } = made(parts).spec as {
    script: object;
    runner: { volumes: { name: string; projected?: { sources: { configMap: Source }[] } }[] };
  };
  interface Source {
    readonly name: string;
    readonly items: readonly { readonly path: string }[];
  }
  expect(script).toEqual({ localFile: '/squall/script.tar' });
  const sources = runner.volumes.find(({ name }) => name === 'squall-parts')?.projected?.sources ?? [];
  const listed = sources.map(({ configMap: { name, items } }) => ({ name, path: items[0]?.path ?? '' }));
  expect(listed.sort((a, b) => (a.path < b.path ? -1 : 1)).map(({ name }) => name)).toEqual(parts);
});
