import { RefusalError } from '../refusal.ts';
import type { JournalLine } from './events.ts';
import { readJournal } from './read-journal.ts';
import { findRun, journalOf } from './run-directory.ts';

/**
 * A recorded run whose journal is whole, by its directory or its id in reports/. A journal that was changed is evidence of nothing.
 * @throws RefusalError when there is no such run, or its journal is empty, cannot be read or was changed
 */
export function readRun(run: string): {
  readonly directory: string;
  readonly lines: readonly JournalLine[];
  readonly damage: null;
} {
  const directory = findRun(run);
  const file = journalOf(directory);
  let contents: ReturnType<typeof readJournal>;
  try {
    contents = readJournal(file);
  } catch (error) {
    throw new RefusalError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const { lines, damage } = contents;
  if (damage !== null) throw new RefusalError(`the journal of ${run} is damaged: ${damage}`);
  if (lines[0]?.event.type !== 'run-started')
    throw new RefusalError(`the journal of ${run} has no beginning: there is nothing in it to judge`);
  return { directory, lines, damage };
}
