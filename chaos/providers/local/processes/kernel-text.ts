import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate as otherWork } from 'node:timers/promises';

/**
 * The text of a file that the kernel writes down while it is read (/proc); empty where it is gone or may not be read. Node's own readFile
 * takes another buffer of 64 KiB for each piece, and the kernel gives a page at a time: looking twice a second, squall spent more on that
 * and on collecting it than on the samples of a load.
 */
export function kernelText(file: string): string {
  try {
    return [...pieces(file)].join('');
  } catch {
    return '';
  }
}

/**
 * The same with other work in between: with ten thousand sockets the kernel takes a tenth of a second to write them down, in which
 * nothing else would happen here.
 */
export async function kernelTextAside(file: string): Promise<string> {
  try {
    const all: string[] = [];
    for (const piece of pieces(file)) {
      all.push(piece);
      if (all.length % PIECES_AT_ONCE === 0) await otherWork();
    }
    return all.join('');
  } catch {
    return '';
  }
}

/** Of a page each: well below a millisecond. */
const PIECES_AT_ONCE = 8;

/** In use only between two statements, so that one is enough for all. */
const buffer = Buffer.allocUnsafeSlow(64 * 1024);

function* pieces(file: string): Generator<string> {
  const descriptor = openSync(file, 'r');
  try {
    for (;;) {
      const length = readSync(descriptor, buffer);
      if (length === 0) return;
      yield buffer.toString('latin1', 0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}
