import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-decide-'));
afterAll(() => rmSync(directory, { recursive: true }));

const starts = (factor: number) =>
  Array.from({ length: 5 }, (_, i) => Array.from({ length: 60 }, (_, j) => factor * (100 + i + (j % 10))));

test.each([
  ['the same', 1, 25, 'same', 0],
  ['slower', 1.3, 0.05, 'regressed', 1],
  ['faster', 1 / 1.3, 0.05, 'improved', 0],
  ['hardly slower', 1.045, 0.05, 'cannot tell', 2],
])(
  'squall gate decide: %s',
  async (_, factor, ratio, answer, exitCode) => {
    const file = writeInput({ candidate: starts(factor), smallest: { ratio, absoluteMs: 0 } });
    const first = await squall('gate', 'decide', file);
    expect([JSON.parse(first.stdout).answer, first.exitCode]).toEqual([answer, exitCode]);
    expect((await squall('gate', 'decide', file)).stdout).toBe(first.stdout);
  },
  60_000,
);

test.each([
  [['gate', 'decide', 'no-such-file.json'], 'cannot be read'],
  [['gate', 'decide', writeInput({ candidate: [[1, 'two']] })], 'candidate[0][1]: must be a number'],
  [['gate', 'decide'], 'missing required argument'],
  [['gate'], "required option '--candidate <env>'"],
  [['gate', '--candidate', 'local'], 'missing required argument'],
  [['gate', 'release'], 'required option'],
  [['gate', 'calibrate', 'smoke'], 'required option'],
  [['gate', 'smoke', '--candidate', 'local', '--baseline', 'local', '--history', 'runs'], 'give one of them'],
  [['gate', 'smoke', '--candidate', 'local', '--history', 'README.md'], 'cannot be read'],
])(
  'squall %j is refused with 64',
  async (args, said) => {
    const { exitCode, stderr, stdout } = await squall(...args);
    expect([exitCode, stdout]).toEqual([64, '']);
    expect(stderr).toContain(said);
  },
  60_000,
);

function writeInput(input: object): string {
  const file = path.join(mkdtempSync(path.join(directory, 'input-')), 'series.json');
  writeFileSync(file, JSON.stringify({ unit: 'start', measure: 'p95', baseline: starts(1), ...input }));
  return file;
}

function squall(...args: string[]) {
  return execa(process.execPath, ['dist/scripts/squall.js', ...args], { reject: false });
}
