import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

/** Writes so that a reader sees the old text or the new one, never a part. */
export function writeAtomically(path: string, text: string, mode = 0o644): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { mode });
  renameSync(temporary, path);
}

/** The parsed file, or undefined when it is not there. */
export function readJson<T>(path: string): T | undefined {
  const text = readText(path);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export interface WatchedFile<T> {
  /** The file's content, at most `maxAgeMs` old; one stat in that time, however often this is called. */
  read(): T;
  /** The file's content right now. */
  readNow(): T;
}

/** A small file that another process rewrites. Asking costs a comparison of two numbers. */
export function watchFile<T>(
  path: string,
  parse: (text: string | undefined) => T,
  maxAgeMs = 50,
): WatchedFile<T> {
  let checkedAt = Number.NEGATIVE_INFINITY;
  let stamp: string | undefined;
  let value = parse(undefined);
  function readNow(): T {
    checkedAt = performance.now();
    const info = statSync(path, { throwIfNoEntry: false });
    const now = info === undefined ? '' : `${info.ino}:${info.mtimeMs}:${info.size}`;
    if (now !== stamp) {
      value = parse(readText(path));
      stamp = now;
    }
    return value;
  }
  return { read: () => (performance.now() - checkedAt < maxAgeMs ? value : readNow()), readNow };
}
