import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { journalOf } from '../journal/run-directory.ts';
import { listActive } from './active-run.ts';

/** Of a directory with thousands of runs, the newest; their ids begin with the time. */
const MOST = 500;

/**
 * Runs below `reports` that have no verdict and are not under way: squall was killed, and its guardian or `squall recover` has undone what
 * they left, because nothing holds their environment any more. The newest first.
 */
export function killedRuns(reports: string): readonly { readonly run: string; readonly directory: string }[] {
  if (!existsSync(reports)) return [];
  const held = new Set(listActive().map(({ run }) => run));
  return readdirSync(reports, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ run: name, directory: path.join(reports, name) }))
    .sort((one, other) => other.run.localeCompare(one.run))
    .slice(0, MOST)
    .filter(
      ({ run, directory }) =>
        !held.has(run) &&
        existsSync(journalOf(directory)) &&
        !existsSync(path.join(directory, 'verdict.json')),
    );
}
