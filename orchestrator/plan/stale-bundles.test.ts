import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { staleBundles } from './stale-bundles.ts';

test('a scenario that was written after its bundle is named; an older one, or none, is not', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'squall-stale-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const file = (name: string, second: number) => {
    const at = path.join(root, name);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, '');
    utimesSync(at, second, second);
    return at;
  };
  file('scenarios/changed.ts', 2_000);
  file('scenarios/kept.ts', 1_000);
  const changed = { script: file('build/changed.js', 1_000), foreign: false };
  const kept = { script: file('build/kept.js', 1_000), foreign: false };
  const bare = { script: file('build/xk6/bare.js', 1_000), foreign: false };
  expect(staleBundles([changed, kept, bare, changed])).toEqual([
    'scenarios/changed.ts is newer than build/changed.js, which this plan read: a drill, or `squall build`, bundles it again',
  ]);
  // A script of one's own is no bundle, wherever it lies.
  expect(staleBundles([{ ...changed, foreign: true }])).toEqual([]);
});
