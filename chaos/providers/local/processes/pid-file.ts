import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { identify, type ProcessIdentity } from '../../../process-identity.ts';
import type { Found } from './finder.ts';

/** The live process that a pid file names. Undefined when the file is missing or half-written, or its process is gone. */
export function readPidFile(file: string): ProcessIdentity | undefined {
  const found = lookAtPidFile(file);
  return 'process' in found ? found.process : undefined;
}

/** The same, with the reason why there is none. */
export function lookAtPidFile(file: string): Found {
  let text: string;
  try {
    const kind = statSync(file);
    if (kind.isDirectory()) return { missing: `${file} is a directory` };
    // To read a named pipe or a device could wait for ever.
    if (!kind.isFile()) return { missing: `${file} is no plain file` };
    text = startOf(file);
  } catch (error) {
    return { missing: `${file} ${reasonOf(error as NodeJS.ErrnoException)}` };
  }
  // Postgres writes more lines than the pid; a negative number there is its single-user mode, and no process of ours.
  const first = text.split('\n', 1)[0]?.trim() ?? '';
  if (text.trim() === '') return { missing: `${file} is empty` };
  if (!/^\d{1,10}$/.test(first)) {
    return { missing: `${file} holds no pid: its first line is ${JSON.stringify(first.slice(0, 40))}` };
  }
  const process = identify(Number(first));
  return process === null ? { missing: `${file} names pid ${first}, and no such process runs` } : { process };
}

function startOf(file: string): string {
  const buffer = Buffer.alloc(256);
  const opened = openSync(file, 'r');
  try {
    return buffer.toString('utf8', 0, readSync(opened, buffer));
  } finally {
    closeSync(opened);
  }
}

export const UNREADABLE = 'cannot be read by this user';

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'ENOTDIR') return 'does not exist (a part of its path is a file)';
  if (code === 'EACCES') return UNREADABLE;
  return `cannot be read: ${message}`;
}
