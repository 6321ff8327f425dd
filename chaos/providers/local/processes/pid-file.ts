import { readFileSync } from 'node:fs';
import { identify, type ProcessIdentity } from '../../../process-identity.ts';

/** The live process that a pid file names. Undefined when the file is missing or half-written, or its process is gone. */
export function readPidFile(file: string): ProcessIdentity | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  // Postgres writes more lines than the pid; a negative number there is its single-user mode, and no process of ours.
  const first = text.split('\n', 1)[0]?.trim() ?? '';
  return /^\d{1,10}$/.test(first) ? (identify(Number(first)) ?? undefined) : undefined;
}
