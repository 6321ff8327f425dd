import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'squall-test-projects-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function check(...names: string[]) {
  for (const name of names) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), '');
  }
  const script = path.join(import.meta.dirname, 'test-projects.mjs');
  return spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
}

test('a file of each project passes, and generated folders are ignored', () => {
  const { status } = check(
    'a.test.ts',
    'b/c.integration.test.ts',
    'd.drill.test.ts',
    'e.testbed.test.ts',
    'f.cluster.test.ts',
    'g.cluster-drill.test.ts',
    'node_modules/h.spec.ts',
    '.dist-1/i.odd.test.ts',
  );
  expect(status).toBe(0);
});

test.each(['a.drills.test.ts', 'a.drill.testbed.test.ts', 'a.spec.ts', 'a.test.js', 'a.test.mts'])(
  '%s fits no project and fails the check by name',
  (name) => {
    const { status, stderr } = check('b.test.ts', name);
    expect(status).toBe(1);
    expect(stderr).toContain(`${name} fits no test project`);
  },
);
