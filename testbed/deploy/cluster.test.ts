import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = path.join(import.meta.dirname, 'cluster.sh');
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'squall-kubectl-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** @param kubectl what it does instead, in shell; `$*` are its arguments */
function cluster(verb: string, kubectl: string, more: Record<string, string> = {}) {
  const stub = path.join(directory, 'kubectl');
  writeFileSync(stub, `#!/bin/bash\n${kubectl}\n`);
  chmodSync(stub, 0o755);
  const env = { PATH: `${directory}:${process.env.PATH}`, HOME: directory, ...more };
  const { status, stdout, stderr } = spawnSync('bash', [script, verb], { encoding: 'utf8', env });
  return { status, said: stdout + stderr };
}

test.each([
  ['all replicas are ready', 'echo gateway 3/3; echo redis 1/1', 0, /gateway 3\/3/],
  ['the namespace is not there', 'true', 1, /not there/],
  ['one is scaling out', 'echo gateway 3/6; echo redis 1/1', 75, /gateway 3\/6/],
  ['none of a workload is ready', 'echo gateway /3', 75, /gateway \/3/],
  ['kubectl fails', 'echo connection refused >&2; exit 1', 75, /connection refused/],
  ['the namespace is empty', '[[ $* != *"get namespace"* ]] || echo namespace/x', 75, /nothing in it/],
  [
    'whether it is there may not be asked',
    '[[ $* != *"get namespace"* ]] || { echo forbidden >&2; exit 1; }',
    75,
    /forbidden/,
  ],
])('status, with a kubectl that is a stand-in: %s', (_, kubectl, code, said) => {
  const result = cluster('status', kubectl);
  expect(result.said).toMatch(said);
  expect(result.status).toBe(code);
});

/** Two clusters, by their kubeconfig: the context in use and the address. Only `delete` is written down, with its context; `apply` fails. */
const twoClusters = `
  case $KUBECONFIG in *one) context=first server=https://one;; *) context=second server=https://two;; esac
  [[ -e $HOME/moved ]] && server=https://moved
  case $* in
    *current-context*) echo $context;;
    *"config view"*) echo $server;;
    *apply*) echo no such luck >&2; exit 1;;
    *delete*) echo "$KUBECONFIG: $*" >>$HOME/deleted;;
  esac`;

const deleted = () => {
  const file = path.join(directory, 'deleted');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

test('down, with a kubectl that is a stand-in: what a run brought up goes where it was brought up, wherever kubectl leads by then', () => {
  const run = { SQUALL_RUN_DIRECTORY: directory };
  expect(cluster('up', twoClusters, { ...run, KUBECONFIG: '/k/one' }).status).not.toBe(0);
  expect(cluster('down', twoClusters, { ...run, KUBECONFIG: '/k/two' })).toEqual({ status: 0, said: '' });
  expect(deleted()).toMatch(/^\/k\/one: --context first delete namespace squall-testbed .*\n$/);
  // And no more than that: the note is gone with it.
  expect(cluster('down', twoClusters, { ...run, KUBECONFIG: '/k/two' }).said).toMatch(/touched no cluster/);
  expect(deleted().split('\n')).toHaveLength(2);
});

test('down, with a kubectl that is a stand-in: another cluster under the same name is left alone', () => {
  const run = { SQUALL_RUN_DIRECTORY: directory, KUBECONFIG: '/k/one' };
  cluster('up', twoClusters, run);
  writeFileSync(path.join(directory, 'moved'), '');
  const { status, said } = cluster('down', twoClusters, run);
  expect(said).toMatch(/brought up on https:\/\/one .* leads to 'https:\/\/moved' now: nothing was removed/);
  expect(status).toBe(69);
  expect(deleted()).toBe('');
});

test('down, with a kubectl that is a stand-in: a cluster that does not answer is out of reach, and a note that was never written is none', () => {
  const run = { SQUALL_RUN_DIRECTORY: directory, KUBECONFIG: '/k/one' };
  cluster('up', twoClusters, run);
  const { status, said } = cluster('down', `case $* in *version*) exit 1;; esac${twoClusters}`, run);
  expect(said).toMatch(/https:\/\/one cannot be asked: nothing was removed/);
  expect(status).toBe(69);
  writeFileSync(path.join(directory, 'testbed-cluster'), '');
  expect(cluster('down', twoClusters, run)).toMatchObject({
    status: 0,
    said: expect.stringMatching(/touched no cluster/),
  });
  expect(deleted()).toBe('');
});

test('up of a drill, with a kubectl that is a stand-in: what somebody else is bringing up is left to them', () => {
  const run = { SQUALL_RUN_DIRECTORY: directory, KUBECONFIG: '/k/one' };
  const taken = `case $* in *"create -f"*) echo AlreadyExists >&2; exit 1;; esac${twoClusters}`;
  expect(cluster('up', taken, run)).toEqual({ status: 1, said: 'AlreadyExists\n' });
  expect(cluster('down', taken, run).said).toMatch(/touched no cluster/);
  expect(deleted()).toBe('');
});

test('down, with a kubectl that is a stand-in: by hand it is the cluster in use', () => {
  expect(cluster('down', twoClusters, { KUBECONFIG: '/k/two' }).status).toBe(0);
  expect(deleted()).toMatch(/^\/k\/two: delete namespace squall-testbed/);
});
