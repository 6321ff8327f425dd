import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';

interface FileResult {
  status: 'passed' | 'failed';
  assertionResults: { status: string }[];
}

/** What count-tests.mjs prints for such results of a vitest that exited with `status`. */
function count(testResults: FileResult[] | null, status: number): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'squall-count-'));
  const file = path.join(folder, 'results.json');
  if (testResults) writeFileSync(file, JSON.stringify({ testResults }));
  const script = path.join(import.meta.dirname, 'count-tests.mjs');
  try {
    return execFileSync(process.execPath, [script, file, String(status)], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const file = (status: FileResult['status'], ...tests: string[]): FileResult => ({
  status,
  assertionResults: tests.map((of) => ({ status: of })),
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
