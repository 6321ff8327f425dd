import { lstatSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** The named pipe for the samples of a load; of each k6 of one that has several, counted from 1. */
export function pipeOf(k6Directory: string, index: number, part?: number): string {
  return path.join(k6Directory, `samples-${index}${part === undefined ? '' : `-${part}`}.fifo`);
}

export function removePipe(fifo: string): void {
  rmSync(fifo, { force: true });
}

/**
 * Removes the pipes that a dead run left in its directory. They have no undo record: a pipe exists before its k6 is armed, and its path
 * says whose it is. Never throws: a leftover pipe is harmless and must not keep the undo from being reported.
 */
export function removePipes(runDirectory: string): void {
  const directory = path.join(runDirectory, 'k6');
  for (const name of pipesIn(directory)) {
    try {
      const file = path.join(directory, name);
      if (lstatSync(file).isFIFO()) rmSync(file, { force: true });
    } catch {
      // Go on with the others.
    }
  }
}

/** Empty if no load was started, the directory is gone, or it was replaced by a symbolic link. */
function pipesIn(directory: string): string[] {
  try {
    return lstatSync(directory).isDirectory() ? readdirSync(directory).filter((name) => PIPE.test(name)) : [];
  } catch {
    return [];
  }
}

const PIPE = /^samples-\d+(-\d+)?\.fifo$/;
