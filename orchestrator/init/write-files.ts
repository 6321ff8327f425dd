import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RefusalError } from '../refusal.ts';
import type { PlannedFile } from './types.ts';

export interface Written {
  readonly file: string;
  readonly what: 'written' | 'kept' | 'same' | 'lines added';
}

/**
 * Writes files that are not there yet. One that is there is kept as it is, whatever is in it; to those marked `append`, missing lines are
 * added. @throws RefusalError where nothing can be written
 */
export async function writeFiles(files: readonly PlannedFile[], cwd: string): Promise<Written[]> {
  const written: Written[] = [];
  for (const one of files) written.push(await writeOne(one, cwd));
  return written;
}

async function writeOne({ file, text, append = false }: PlannedFile, cwd: string): Promise<Written> {
  const at = path.join(cwd, file);
  try {
    await mkdir(path.dirname(at), { recursive: true });
    // Refuses a file that is there, also one that came since anybody looked, and a link that leads nowhere.
    await writeFile(at, text, { flag: 'wx' });
    return { file, what: 'written' };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new RefusalError(`init: ${at} cannot be written: ${(cause as Error).message}`, { cause });
  }
  const there = await readFile(at, 'utf8').catch(() => null);
  if (there === text) return { file, what: 'same' };
  if (!append || there === null) return { file, what: 'kept' };
  const lines = new Set(there.split('\n').map((line) => line.trim().replace(/^\/|\/$/g, '')));
  const missing = text.split('\n').filter((line) => line !== '' && !lines.has(line.replace(/^\/|\/$/g, '')));
  if (missing.length === 0) return { file, what: 'same' };
  const newline = there === '' || there.endsWith('\n') ? '' : '\n';
  await writeFile(at, `${newline}${missing.join('\n')}\n`, { flag: 'a' });
  return { file, what: 'lines added' };
}
