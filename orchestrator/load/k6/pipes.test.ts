import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

/** The name that cannot be removed. */
const stuck = vi.hoisted(() => ({ name: '' }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    rmSync: (file: string, options?: Parameters<typeof fs.rmSync>[1]) => {
      if (path.basename(file) === stuck.name) throw new Error('EPERM');
      fs.rmSync(file, options);
    },
  };
});
const { removePipes } = await import('./pipes.ts');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-pipes-'));
});
afterEach(() => {
  stuck.name = '';
  rmSync(directory, { recursive: true });
});

function withPipes(name: string): string {
  const k6 = path.join(directory, name);
  mkdirSync(k6);
  execFileSync(
    'mkfifo',
    [0, 1, 2].map((index) => path.join(k6, `samples-${index}.fifo`)),
  );
  return k6;
}

test('one pipe that cannot be removed keeps no other', () => {
  const k6 = withPipes('k6');
  stuck.name = 'samples-1.fifo';
  removePipes(directory);
  expect(readdirSync(k6)).toEqual(['samples-1.fifo']);
});

test('if a link replaces the directory, nothing behind it is removed', () => {
  const others = withPipes('others');
  symlinkSync(others, path.join(directory, 'k6'));
  removePipes(directory);
  expect(readdirSync(others)).toHaveLength(3);
});

test('a run without loads has none', () => {
  expect(() => removePipes(directory)).not.toThrow();
});
