import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { isStopped, signalIfSame } from '../../../chaos/process-identity.ts';
import type { UndoRecord } from '../../../chaos/provider.ts';
import type { JournalEvent } from '../../journal/events.ts';
import { readJournal } from '../../journal/read-journal.ts';
import { journalOf } from '../../journal/run-directory.ts';
import { whatDoesNotFit } from '../../journal/shapes.ts';
import { outstanding, removeLeftovers, type Undoing, undoAll, undoDone } from '../../undo.ts';
import { type ActiveRun, keepLock, release } from '../active-run.ts';
import { openForHealing } from '../healing-journal.ts';
import { acquireHold } from '../hold.ts';
import { type FromGuardian, type ToGuardian, toGuardian } from './messages.ts';

export interface GuardianOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly undoing: readonly Undoing[];
}

/** An orchestrator that is stopped (SIGSTOP) for this long is killed: it cannot remove its faults, and nobody can stop its run. */
const STOPPED_FOR_MS = 3_000;
const STOPPED_LOOK_MS = 500;

/**
 * Holds the undo records while the orchestrator lives. It learns of the orchestrator's death from the end of the pipe, which the kernel
 * closes at once, whatever killed the process. Then it undoes what is armed, records what it did, and ends. Resolves with the records
 * that it could not undo.
 */
export async function runGuardian(options: GuardianOptions): Promise<readonly UndoRecord[]> {
  const armed = new Map<string, UndoRecord>();
  let active: ActiveRun | null = null;
  let received = 0;
  // The orchestrator may die before the last acknowledgement; go on without it.
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
    // This includes a last line that is cut off because the orchestrator died; then nobody reads the answer.
    if (typeof message === 'string') {
      answer({ ack: received, refused: message });
      continue;
    }
    if (message.type === 'bye') {
      clearInterval(watch);
      return [];
    }
    if (message.type === 'hello') {
      active = message.active;
      // The run is not over for others before this process has ended, too.
      keepLock(active);
    }
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
  const { written, append } = readForHealing(journalOf(active.directory));
  // Both lists: the orchestrator may have died after a record reached the journal and before it reached this process.
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

/** Tells `squall recover` that this process is undoing the run. If somebody else holds it, the guardian goes on all the same. */
function holdIfFree(directory: string): () => void {
  try {
    return acquireHold(directory);
  } catch {
    return () => {};
  }
}

interface Written {
  readonly written: readonly UndoRecord[];
  readonly append: (event: JournalEvent) => void;
}

/** A journal that cannot even be read (a deleted directory) must not prevent the undo, either. */
function readForHealing(file: string): Written {
  try {
    const contents = readJournal(file);
    const { append } = openForHealing(file, contents, complain);
    return { written: outstanding(contents.lines), append };
  } catch (error) {
    complain(error);
    return { written: [], append: () => {} };
  }
}

function complain(error: unknown): void {
  process.stderr.write(`squall guardian: journal: ${String(error)}\n`);
}

/** The message, or why the line is not one. */
function messageIn(line: string): ToGuardian | string {
  try {
    const parsed = toGuardian.safeParse(JSON.parse(line));
    return parsed.success
      ? parsed.data
      : `it is not a message to a guardian (${whatDoesNotFit(parsed.error)})`;
  } catch {
    return 'it is not JSON';
  }
}
