import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';

/** A directory for each test, with squall's state (locks of runs) below it. `onMade` is called before the test. */
export function eachInStateDirectory(onMade: (directory: string) => void): void {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'squall-state-'));
    vi.stubEnv('XDG_STATE_HOME', path.join(directory, 'state'));
    onMade(directory);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
  });
}
