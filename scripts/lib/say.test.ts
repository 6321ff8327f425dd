import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let work: string;
beforeEach(() => {
  work = mkdtempSync(path.join(os.tmpdir(), 'squall-say-'));
});
afterEach(() => rmSync(work, { recursive: true }));

function run(script: string) {
  const source = `. ${path.join(import.meta.dirname, 'say.sh')}\nset -u\nsteps\ntrap steps_end EXIT\n${script}`;
  const env = { PATH: process.env.PATH ?? '', TMPDIR: work };
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', source], { encoding: 'utf8', env });
  return { status, lines: stdout.trimEnd().split('\n'), stderr };
}

test('a step is one line with its time, whatever its command says, and the log goes', () => {
  const { status, lines, stderr } = run(
    'work() { echo much; echo noise >&2; echo "part 1.2"; }; step "a part" work',
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(lines).toEqual([expect.stringMatching(/^ {2}✔ part 1\.2 +\d+(\.\d)? s$/)]);
  expect(readdirSync(work)).toEqual([]);
});

test('a command that says nothing leaves the label', () => {
  expect(run('step "a part" true').lines[0]).toMatch(/^ {2}✔ a part {2,}/);
});

test('a step that fails shows the end of what it said, keeps all of it in the log, and its status', () => {
  const { status, lines } = run(
    'step first sh -c "echo of the first >&2"; work() { seq 40 >&2; die "no network"; }; step "a part" work; exit $?',
  );
  expect(status).toBe(69);
  expect(lines[1]).toMatch(/^ {2}✘ a part/);
  // Fifteen lines of its own, and nothing of the step before.
  expect(lines.slice(2, -1)).toEqual([
    ...Array.from({ length: 14 }, (_, i) => `      ${i + 27}`),
    '      setup: no network',
  ]);
  const log = /^ {4}All of it: (.+)$/.exec(lines.at(-1) ?? '')?.[1] ?? '';
  expect(existsSync(log)).toBe(true);
  expect(readFileSync(log, 'utf8')).toContain('of the first');
});

test('a rate that is no number is refused before anything is set up', () => {
  const { status, stdout, stderr } = spawnSync('bash', [path.join(import.meta.dirname, '../demo.sh')], {
    encoding: 'utf8',
    env: { ...process.env, RATE: 'fast' },
  });
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toContain('RATE=fast');
});
