import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'squall-checks-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Runs steps of the test command with programs that only say that they were called. */
function run(steps: string, stubs: Readonly<Record<string, string>>): string[] {
  for (const [name, body] of Object.entries(stubs)) {
    const file = path.join(directory, name);
    writeFileSync(file, `#!/bin/bash\n${body}\n`);
    chmodSync(file, 0o755);
  }
  const source = `run_dir=${directory}\n. scripts/lib/say.sh; . scripts/lib/checks.sh\n${steps}`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-uc', source], {
    encoding: 'utf8',
    env: { HOME: directory, PATH: `${directory}:${process.env.PATH}` },
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

test('a project beside another one is told after it, niced, and both are counted', () => {
  const npx = `echo "$4 at $(nice)"; [[ $4 != unit ]] || { until [[ -e ${directory}/others ]]; do sleep 0.02; done; exit 1; }`;
  // What count-tests.mjs says of the results of this project and its exit status.
  const node = `case "$4 $3" in 'unit 1') printf '2 1 0\\nfailed: the third one\\n' ;; 'drills 0') echo '3 0 1' ;; esac`;
  const said = run(
    `begin_tests 60 unit; tests others 60 drills; touch $run_dir/others; finish_tests 'unit tests' unit
     echo "$passed passed, $failed failed, $skipped skipped"; printf '%s' "$remarks"`,
    { npx, node },
  );
  expect(said).toEqual([
    '== others',
    `drills at ${getPriority()}`,
    expect.stringMatching(/^== others: ok, 3 passed, 0 failed, 1 skipped \(\d+ s\)$/),
    '== unit tests',
    'unit at 19',
    expect.stringMatching(/^== unit tests: FAILED, 2 passed, 1 failed, 0 skipped \(\d+ s\)$/),
    '5 passed, 1 failed, 1 skipped',
    'failed: the third one',
  ]);
});
