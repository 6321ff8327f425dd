import type { JournalEvent } from '../journal/events.ts';
import { openJournal } from '../journal/journal.ts';
import { type JournalContents, repairTail } from '../journal/read-journal.ts';

export interface HealingJournal {
  append(event: JournalEvent): void;
  close(): void;
}

/**
 * Opens the journal of a dead run to note what is undone. That it cannot be written (a full disk, a read-only one) must not prevent the
 * undo: nothing here throws, `onTrouble` is told.
 */
export function openForHealing(
  file: string,
  contents: JournalContents,
  onTrouble: (error: unknown) => void,
): HealingJournal {
  const journal = attempt(() => {
    repairTail(file, contents);
    return openJournal(file, contents.end);
  });
  return {
    append: (event) => void attempt(() => journal?.append(event)),
    close: () => attempt(() => journal?.close()),
  };

  function attempt<Result>(write: () => Result): Result | undefined {
    try {
      return write();
    } catch (error) {
      onTrouble(error);
      return undefined;
    }
  }
}
