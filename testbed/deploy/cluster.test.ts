import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
function cluster(verb: string, kubectl: string) {
  const stub = path.join(directory, 'kubectl');
  writeFileSync(stub, `#!/bin/bash\n${kubectl}\n`);
  chmodSync(stub, 0o755);
  const env = { PATH: `${directory}:${process.env.PATH}`, HOME: directory };
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
