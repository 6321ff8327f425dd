import { readJournal } from '../journal/read-journal.ts';
import { journalOf } from '../journal/run-directory.ts';
import { outstanding, removeLeftovers, type Undoing } from '../undo.ts';
import type { ActiveRun } from './active-run.ts';
import { unansweredDamage } from './damage.ts';

/**
 * A dead run left nothing when its journal is whole (or a person has answered for what is not) and every armed record was undone,
 * or when it died before it had one. A run that had a guardian had a journal, too: where that is gone (somebody cleaned up), nobody
 * knows what it armed.
 */
export function isClean(dead: Pick<ActiveRun, 'directory' | 'guardian'>): boolean {
  try {
    const contents = readJournal(journalOf(dead.directory));
    return unansweredDamage(contents).length === 0 && outstanding(contents.lines).length === 0;
  } catch (error) {
    return dead.guardian === null && (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/**
 * Nobody comes back to a run whose lock has been taken over: what needs no record goes here. Not where its directory has been used again since
 * (`--out`): whoever did may need what is there now.
 */
export function hasLeftNothing(dead: ActiveRun, undoing: readonly Undoing[]): boolean {
  const clean = isClean(dead);
  if (clean && isStillIn(dead)) removeLeftovers(dead.directory, undoing);
  return clean;
}

function isStillIn({ run, directory }: ActiveRun): boolean {
  try {
    const started = readJournal(journalOf(directory)).lines[0]?.event;
    return started?.type === 'run-started' && started.run === run;
  } catch {
    return false;
  }
}
