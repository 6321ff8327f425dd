import { lstatSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** The named pipe through which a load's k6 hands over its samples. */
export function pipeOf(k6Directory: string, index: number): string {
  return path.join(k6Directory, `samples-${index}.fifo`);
}

export function removePipe(fifo: string): void {
  rmSync(fifo, { force: true });
}

/**
 * Removes the pipes that a dead run has left in its directory. They need no undo record: a pipe is there before its k6 is armed, and
 * its name says whose it is. Never throws: a name that stays hinders nobody, and must not keep the undo from being told.
 */
export function removePipes(runDirectory: string): void {
  const directory = path.join(runDirectory, 'k6');
  for (const name of pipesIn(directory)) {
    try {
      const file = path.join(directory, name);
      if (lstatSync(file).isFIFO()) rmSync(file, { force: true });
    } catch {
      // This one stays; the others need not.
    }
  }
}

/** None where no load had been started, the directory is gone, or a link in its place leads to somebody else's. */
function pipesIn(directory: string): string[] {
  try {
    return lstatSync(directory).isDirectory() ? readdirSync(directory).filter((name) => PIPE.test(name)) : [];
  } catch {
    return [];
  }
}

const PIPE = /^samples-\d+\.fifo$/;
