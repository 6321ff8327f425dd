import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { RefusalError } from './refusal.ts';

/** Makes a directory of its own for a short time; whoever asks for it removes it. @throws RefusalError where this user may not */
export function temporaryDirectory(prefix: string): string {
  try {
    return mkdtempSync(path.join(os.tmpdir(), prefix));
  } catch (cause) {
    throw new RefusalError(`${os.tmpdir()} cannot be written: ${(cause as Error).message}`, {
      cause,
      fix: 'set TMPDIR to a directory that exists and that this user may write to',
    });
  }
}
