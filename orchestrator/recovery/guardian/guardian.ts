import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { isStopped, signalIfSame } from '../../../chaos/process-identity.ts';
import type { UndoRecord } from '../../../chaos/provider.ts';
import type { JournalEvent } from '../../journal/events.ts';
import { openJournal } from '../../journal/journal.ts';
import { readJournal, repairTail } from '../../journal/read-journal.ts';
import { journalOf } from '../../journal/run-directory.ts';
import { whatDoesNotFit } from '../../journal/shapes.ts';
import { outstanding, removeLeftovers, type Undoing, undoAll, undoDone } from '../../undo.ts';
import { type ActiveRun, release } from '../active-run.ts';
import { acquireHold } from '../hold.ts';
import { type FromGuardian, type ToGuardian, toGuardian } from './messages.ts';

export interface GuardianOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly undoing: readonly Undoing[];
}

/** An orchestrator that was stopped (SIGSTOP) for so long is ended: it can take nothing out, and nobody can stop its run. */
const STOPPED_FOR_MS = 3_000;
const STOPPED_LOOK_MS = 500;

/**
 * Holds the undo plan while the orchestrator lives. The end of the pipe is how it learns of the orchestrator's death, at once
 * and for every kind of death: the kernel closes the pipe, whoever sent the signal. Then it undoes what is armed, writes down
 * what it did, and ends. Resolves with the records that it could not undo.
 */
export async function runGuardian(options: GuardianOptions): Promise<readonly UndoRecord[]> {
  const armed = new Map<string, UndoRecord>();
  let active: ActiveRun | null = null;
  let received = 0;
  // The orchestrator may be gone before the last acknowledgement: nobody to tell is no reason to stop.
  options.output.on('error', () => {});
  let stoppedMs = 0;
  const watch = setInterval(() => {
    const isHolding = active !== null && armed.size > 0 && isStopped(active.owner);
    stoppedMs = isHolding ? stoppedMs + STOPPED_LOOK_MS : 0;
    if (active !== null && stoppedMs >= STOPPED_FOR_MS) signalIfSame(active.owner, 'SIGKILL');
  }, STOPPED_LOOK_MS);
  for await (const line of createInterface({ input: options.input })) {
    received += 1;
    const message = messageIn(line);
    // Also the last line, when the orchestrator died while writing it: nobody reads this answer then.
    if (typeof message === 'string') {
      answer({ ack: received, refused: message });
      continue;
    }
    if (message.type === 'bye') {
      clearInterval(watch);
      return [];
    }
    if (message.type === 'hello') active = message.active;
    if (message.type === 'arm') armed.set(message.record.id, message.record);
    if (message.type === 'disarm') armed.delete(message.id);
    answer({ ack: received });
  }
  clearInterval(watch);
  const how = stoppedMs >= STOPPED_FOR_MS ? 'was stopped for too long and has been ended' : 'died';
  return active === null ? [] : heal(active, how, [...armed.values()], options.undoing);

  function answer(message: FromGuardian): void {
    options.output.write(`${JSON.stringify(message)}\n`);
  }
}

async function heal(
  active: ActiveRun,
  how: string,
  armed: readonly UndoRecord[],
  undoing: readonly Undoing[],
): Promise<readonly UndoRecord[]> {
  const releaseHold = holdIfFree(active.directory);
  const { written, append } = openForHealing(journalOf(active.directory));
  // Both lists: the orchestrator may have died after the journal had a record and before this process did.
  const records = [...new Map([...written, ...armed].map((record) => [record.id, record])).values()];
  const text = `the orchestrator (pid ${active.owner.pid}) ${how}; the guardian undoes ${records.length} of its changes`;
  append({ type: 'note', text });
  const failed = await undoAll(records, undoing, (record, outcome) =>
    append(undoDone(record, 'guardian', outcome)),
  );
  removeLeftovers(active.directory, undoing);
  releaseHold();
  if (failed.length === 0) release(active);
  return failed;
}

/** So that `squall recover`, wherever it looks from, knows who is at it. Undoing waits for nobody. */
function holdIfFree(directory: string): () => void {
  try {
    return acquireHold(directory);
  } catch {
    return () => {};
  }
}

interface HealingJournal {
  readonly written: readonly UndoRecord[];
  readonly append: (event: JournalEvent) => void;
}

/** The undo comes first: a journal that cannot be read or written (disk full, directory gone) must not keep it from happening. */
function openForHealing(file: string): HealingJournal {
  try {
    const contents = readJournal(file);
    repairTail(file, contents);
    const journal = openJournal(file, contents.end);
    return { written: outstanding(contents.lines), append: (event) => complain(() => journal.append(event)) };
  } catch (error) {
    complain(() => {
      throw error;
    });
    return { written: [], append: () => {} };
  }
}

function complain(write: () => void): void {
  try {
    write();
  } catch (error) {
    process.stderr.write(`squall guardian: journal: ${String(error)}\n`);
  }
}

/** The message, or why the line is none. */
function messageIn(line: string): ToGuardian | string {
  try {
    const parsed = toGuardian.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : `it is no message to a guardian (${whatDoesNotFit(parsed.error)})`;
  } catch {
    return 'it is not JSON';
  }
}
