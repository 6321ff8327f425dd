import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type BenchRow, writeSection } from './section.ts';

const home = process.cwd();
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-section-'));
  process.chdir(directory);
  vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterEach(() => {
  process.exitCode = undefined;
  process.chdir(home);
  rmSync(directory, { recursive: true, force: true });
  vi.restoreAllMocks();
});

const row = (met: boolean | null): BenchRow => ({ what: 'speed', target: '>= 2', measured: '1', met });

test('a row that is not met fails the bench, and its section is still written', () => {
  writeSection('Speed', 'A note.', [row(true), row(false), row(null)]);
  expect(process.exitCode).toBe(1);
  expect(readFileSync('BENCHMARKS.md', 'utf8')).toContain('| speed | >= 2 | 1 | **no** |');
});

test('a row that is met, or has no target, does not', () => {
  writeSection('Speed', 'A note.', [row(true), row(null)]);
  expect(process.exitCode).toBeUndefined();
});
