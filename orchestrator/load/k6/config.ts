import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryDirectory } from '../../temporary-directory.ts';

/**
 * An empty k6 configuration. Without one, k6 reads options from a file in the user's home, which would silently change the load of the
 * drill. k6 rejects /dev/null, because it is not JSON.
 */
export function writeNoConfig(file: string): void {
  writeFileSync(file, '{}\n', { mode: 0o600 });
}

/** The same in a temporary directory, for callers without a run. */
export async function withNoConfig<T>(use: (file: string) => Promise<T>): Promise<T> {
  const directory = temporaryDirectory('squall-k6-');
  try {
    const file = path.join(directory, 'config.json');
    writeNoConfig(file);
    return await use(file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
