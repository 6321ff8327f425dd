import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * k6 reads a file of options from the user's home unless it is given another one, and refuses one without JSON (/dev/null). It would
 * change the load of the drill without a word.
 */
export function writeNoConfig(file: string): void {
  writeFileSync(file, '{}\n', { mode: 0o600 });
}

/** For whoever has no directory of a run. */
export async function withNoConfig<T>(use: (file: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-k6-'));
  try {
    const file = path.join(directory, 'config.json');
    writeNoConfig(file);
    return await use(file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
