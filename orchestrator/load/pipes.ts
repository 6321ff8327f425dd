import { lstatSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** The named pipe through which a load's k6 hands over its samples. */
export function pipeOf(k6Directory: string, index: number): string {
  return path.join(k6Directory, `samples-${index}.fifo`);
}

/**
 * Removes the pipes that a dead run has left in its directory. They need no undo record: a pipe is there before its k6 is armed, and
 * its name says whose it is. Never throws: a name that stays hinders nobody, and must not keep the undo from being told.
 */
export function removePipes(runDirectory: string): void {
  const directory = path.join(runDirectory, 'k6');
  try {
    for (const name of readdirSync(directory)) {
      const file = path.join(directory, name);
      if (PIPE.test(name) && lstatSync(file).isFIFO()) rmSync(file, { force: true });
    }
  } catch {
    // No load had been started, or the directory is gone.
  }
}

const PIPE = /^samples-\d+\.fifo$/;
