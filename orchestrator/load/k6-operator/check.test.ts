import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Access } from '../../../chaos/kubernetes/core-calls.ts';
import { explain } from '../../../chaos/kubernetes/errors.ts';
import { checkCluster, neededAccess } from './check.ts';
import { caller, INSTALL } from './errors.ts';

const cluster = (hasOperator: boolean, refused: (access: Access) => boolean = () => false) => ({
  context: 'lab',
  server: 'https://a.test',
  hasOperator: async () => hasOperator,
  allowed: async (access: Access) => !refused(access),
});
const check = (of: ReturnType<typeof cluster>) =>
  checkCluster(of, { namespace: 'load' }, AbortSignal.timeout(1_000));

test('a cluster that has all of it is taken', async () => {
  await expect(check(cluster(true))).resolves.toBeUndefined();
});

test('without the operator the refusal says so, and how to get it', async () => {
  await expect(check(cluster(false))).rejects.toMatchObject({
    message:
      'k6-operator: it is not installed on https://a.test (context lab): there is no resource testruns.k6.io',
    fix: expect.stringMatching(/^install k6-operator .*: kubectl apply -f/),
  });
});

test('a call that the operator would have answered says the same', () => {
  const cause = { code: 404, body: { message: 'the server could not find the requested resource' } };
  expect(explain(cause, 'create testruns in load', 'https://a.test', caller)).toMatchObject({
    message:
      'k6-operator: cannot create testruns in load: it is not installed on this cluster (no such resource)',
    fix: INSTALL,
  });
});

test('missing rights are named, all of them, and where they are to be had', async () => {
  const missing = ({ resource, verb }: Access) =>
    resource === 'pods/exec' || (resource === 'testruns' && verb === 'delete');
  await expect(check(cluster(true, missing))).rejects.toMatchObject({
    message:
      'k6-operator: the credentials of context lab may not delete testruns, get pods/exec, create pods/exec in load',
    fix: expect.stringContaining('orchestrator/load/k6-operator/rbac.yaml'),
  });
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

test('the role that ships grants exactly what is asked for', () => {
  const documents = parseAllDocuments(readFileSync(new URL('./rbac.yaml', import.meta.url), 'utf8'));
  const role = documents
    .map((one) => one.toJS() as { kind: string; rules: Rule[] })
    .find(({ kind }) => kind === 'Role');
  const granted = (role?.rules ?? []).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource}:${verb}`)),
    ),
  );
  const needed = neededAccess('load').map(({ group, resource, verb }) => `${group}/${resource}:${verb}`);
  expect(granted.sort()).toEqual([...needed].sort());
});
