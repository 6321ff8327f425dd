import { readJournal } from '../journal/read-journal.ts';
import { journalOf } from '../journal/run-directory.ts';
import { outstanding, removeLeftovers, type Undoing } from '../undo.ts';
import type { ActiveRun } from './active-run.ts';
import { unansweredDamage } from './damage.ts';

/**
 * A dead run left nothing if its journal is intact (or its damage was declared clean) and every armed record was undone, or if it died
 * before it had a journal. A run that had a guardian had a journal, too: if that was deleted, nobody knows what the run had armed.
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
 * Also removes the pipes of such a run, because nobody recovers it once its lock is taken over. Not if another run uses its directory by
 * now (`--out`): the pipes there belong to that run.
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
