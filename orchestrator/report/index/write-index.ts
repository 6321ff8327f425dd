import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { RefusalError } from '../../refusal.ts';
import { indexHtml } from './html.ts';
import { readRuns } from './read-runs.ts';

/**
 * Writes index.html over the runs of a directory, in one step: of two that end at the same time, the later one has both.
 * @returns the file
 * @throws RefusalError when the directory cannot be read, or not be written to
 */
export function writeIndex(directory: string): { readonly file: string; readonly runs: number } {
  const found = readRuns(directory);
  const file = path.join(directory, 'index.html');
  const draft = path.join(directory, `.index.html.${randomUUID()}`);
  try {
    writeFileSync(draft, indexHtml(found, path.basename(path.resolve(directory))));
    renameSync(draft, file);
  } catch (error) {
    throw new RefusalError(`${file} cannot be written: ${(error as Error).message}`);
  } finally {
    rmSync(draft, { force: true });
  }
  return { file, runs: found.runs.length };
}
