import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';

interface FileResult {
  name: string;
  status: 'passed' | 'failed';
  assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
}

/** The counts that count-tests.mjs prints for these results of a vitest that exited with `status`. */
function count(testResults: FileResult[] | null, status: number): string {
  return print(testResults, status)[0] as string;
}

/** All the lines that it prints. */
function print(testResults: FileResult[] | null, status: number): string[] {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'squall-count-'));
  const file = path.join(folder, 'results.json');
  if (testResults) writeFileSync(file, JSON.stringify({ testResults }));
  const script = path.join(import.meta.dirname, 'count-tests.mjs');
  try {
    return execFileSync(process.execPath, [script, file, String(status)], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
      .trim()
      .split('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const file = (status: FileResult['status'], ...tests: string[]): FileResult => ({
  name: path.resolve('a.test.ts'),
  status,
  assertionResults: tests.map((of, i) => ({
    status: of,
    fullName: `test ${i}`,
    failureMessages: of === 'failed' ? ['no'] : [],
  })),
});

test('tests are summed over files, and what did not run counts as skipped', () => {
  expect(count([file('passed', 'passed', 'skipped', 'todo'), file('failed', 'failed', 'passed')], 1)).toBe(
    '2 1 2',
  );
});

test('a file that could not be loaded is a failure', () => {
  expect(count([file('passed', 'passed'), file('failed')], 1)).toBe('1 1 0');
});

test('no test at all, or no results, is a failure', () => {
  expect(count([], 0)).toBe('0 1 0');
  expect(count(null, 1)).toBe('0 1 0');
  expect(count([file('passed', 'skipped')], 0)).toBe('0 1 1');
});

test('an error outside of any test is a failure', () => {
  expect(count([file('passed', 'passed')], 1)).toBe('1 1 0');
  expect(count([file('passed', 'passed')], 0)).toBe('1 0 0');
});

test('tests that failed are named, and so are those that passed only at the second try', () => {
  const twice = file('passed', 'passed', 'passed');
  twice.assertionResults[1]?.failureMessages.push('no');
  expect(print([file('failed', 'passed', 'failed'), twice, file('failed')], 1)).toEqual([
    '3 2 0',
    'failed: a.test.ts > test 1',
    'passed when tried again: a.test.ts > test 1',
    'failed: a.test.ts, outside of its tests',
  ]);
  expect(print([], 1)).toEqual(['0 1 0', 'failed: results, no test ran']);
});

test('a project with a file that did not run, or with missing tests, has failed', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'squall-count-'));
  try {
    for (const name of ['a.drill.test.ts', 'b.drill.test.ts']) writeFileSync(path.join(folder, name), '');
    const results = path.join(folder, 'results.json');
    writeFileSync(
      results,
      JSON.stringify({
        testResults: [{ ...file('passed', 'passed'), name: path.join(folder, 'a.drill.test.ts') }],
      }),
    );
    const script = path.join(import.meta.dirname, 'count-tests.mjs');
    const lines = execFileSync(process.execPath, [script, results, '0', 'drills'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(lines.trim().split('\n')).toEqual([
      '1 2 0',
      'failed: drills, b.drill.test.ts did not run',
      expect.stringMatching(
        /^failed: drills, 1 tests of at least \d+: if that is meant, say so in test\/projects\.json$/,
      ),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
