import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { identify } from '../../chaos/process-identity.ts';
import { claim } from './active-run.ts';
import { killedRuns } from './killed-runs.ts';

let at: string;
beforeEach(() => {
  at = mkdtempSync(path.join(os.tmpdir(), 'squall-killed-'));
  vi.stubEnv('XDG_STATE_HOME', path.join(at, 'state'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(at, { recursive: true });
});

test('names runs without a verdict, but for those that are under way or wait for a recovery', () => {
  const reports = path.join(at, 'reports');
  for (const [run, ...files] of [
    ['20260101-whole', 'journal.jsonl', 'verdict.json'],
    ['20260102-killed', 'journal.jsonl'],
    ['20260103-held', 'journal.jsonl'],
    ['20260104-no-run', 'notes.txt'],
    ['20260105-killed', 'journal.jsonl'],
  ] as const) {
    mkdirSync(path.join(reports, run), { recursive: true });
    for (const file of files) writeFileSync(path.join(reports, run, file), '');
  }
  symlinkSync('20260105-killed', path.join(reports, 'latest'));
  const owner = identify(process.pid);
  if (owner === null) throw new Error('this process has no identity');
  const run = '20260103-held';
  claim(
    {
      run,
      environment: 'lab',
      environmentFile: '/lab.yaml',
      directory: path.join(reports, run),
      owner,
      guardian: null,
    },
    () => true,
  );
  expect(killedRuns(reports).map((one) => one.run)).toEqual(['20260105-killed', '20260102-killed']);
  expect(killedRuns(path.join(at, 'nowhere'))).toEqual([]);
});
