import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'squall-cluster-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

interface Stubs {
  readonly up?: string;
  readonly status?: string;
  readonly uid?: number;
  /** Shell commands to run before the steps. */
  readonly first?: string;
  /** Shell commands to run while the cluster comes up. */
  readonly meanwhile?: string;
}

/** Runs the steps of the test command, with scripts instead of the cluster's that only record that they were called. */
function run(
  { up, status = 'exit 1', uid = 0, first = '', meanwhile = '' }: Stubs,
  env: Record<string, string> = {},
) {
  if (up !== undefined) stub('up', up);
  stub('status', status);
  stub('down', '');
  stub('id', `echo ${uid}`);
  const steps = `
    run_dir=${directory}
    . scripts/lib/say.sh; . scripts/lib/checks.sh; . scripts/lib/cluster.sh
    ${first}
    cluster_begin; echo begun; ${meanwhile}
    cluster_up; echo "tests with \${KUBECONFIG:-nothing}"; cluster_down; cluster_down`;
  const { stdout, stderr } = spawnSync('bash', ['-uc', steps], {
    encoding: 'utf8',
    env: {
      HOME: directory,
      PATH: `${directory}:${process.env.PATH}`,
      TMPDIR: directory,
      SQUALL_TEST_RUN: directory,
      SQUALL_TEST_CLUSTER: directory,
      ...env,
    },
  });
  const calls = existsSync(path.join(directory, 'calls'))
    ? readFileSync(path.join(directory, 'calls'), 'utf8')
    : '';
  return { said: stdout + stderr, calls: calls.split('\n').filter((name) => name !== '' && name !== 'id') };
}

function stub(name: string, body: string): void {
  const file = path.join(directory, name);
  writeFileSync(file, `#!/bin/bash\necho ${name} >>${directory}/calls\n${body}\n`);
  chmodSync(file, 0o755);
}

const withIt = 'tests with /var/lib/squall-cluster/kubeconfig';
const withoutIt = /no cluster: .*skipped\.\ntests with nothing/s;

// Other systems have neither flock(1) nor such a cluster.
const it = test.skipIf(process.platform !== 'linux');

it('a cluster comes up for the tests and is taken down once', () => {
  const { said, calls } = run({ up: 'test -z "$TMPDIR$SQUALL_TEST_RUN" && ! test -e /proc/self/fd/8' });
  expect(said).toContain(withIt);
  expect(calls).toEqual(['status', 'up', 'down']);
});

it('the run goes on while it comes up, and ending the run then leaves nothing half up', () => {
  const up = `until test -e ${directory}/go; do sleep 0.01; done; echo up-done >>${directory}/calls`;
  const { said, calls } = run({ up, meanwhile: `touch ${directory}/go; cluster_down; exit` });
  expect(said).toContain('begun');
  expect(said).not.toContain('tests with');
  expect(calls).toEqual(['status', 'up', 'up-done', 'down']);
});

it('one that is already up is used and left alone', () => {
  const { said, calls } = run({ up: '', status: 'exit 0' });
  expect(said).toContain(withIt);
  expect(calls).toEqual(['status']);
});

it('one that does not come up is not a failure: its output is shown, and what it started is taken down', () => {
  const { said, calls } = run({ up: 'echo no such package; exit 1' });
  expect(said).toMatch(withoutIt);
  expect(said).toContain('no such package');
  expect(calls).toEqual(['status', 'up', 'down', 'up', 'down']);
});

it('one that does not come up is tried once more, from the beginning', () => {
  const up = `test $(grep -c up ${directory}/calls) = 2`;
  const { said, calls } = run({ up });
  expect(said).toContain(withIt);
  expect(calls).toEqual(['status', 'up', 'down', 'up', 'down']);
});

test.each<[string, Stubs]>([
  ['no scripts', {}],
  ['no root', { up: '', uid: 1000 }],
])('with %s nothing is touched', (_, stubs) => {
  const { said, calls } = run(stubs);
  expect(said).toMatch(withoutIt);
  expect(calls).toEqual([]);
});

it('another run on it is waited for, and not disturbed', () => {
  const lock = `mkdir -p ~/.cache/squall; exec 9>~/.cache/squall/cluster.lock; flock 9; cluster_wait_s=0.1`;
  const { said, calls } = run({ up: '', first: lock });
  expect(said).toMatch(withoutIt);
  expect(calls).toEqual([]);
});

test("somebody's own cluster is used as it is", () => {
  const { said, calls } = run({ up: '' }, { KUBECONFIG: '/own' });
  expect(said).toContain('tests with /own');
  expect(calls).toEqual([]);
});
