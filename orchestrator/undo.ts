import { deadline } from '../chaos/deadline.ts';
import type { UndoOutcome, UndoRecord } from '../chaos/provider.ts';
import type { JournalEvent, JournalLine, Undoer } from './journal/events.ts';
import type { Residue } from './verdict.types.ts';

/** Whoever can undo records: providers, and the run itself for its load and its testbed. */
export interface Undoing {
  readonly name: string;
  undo(record: UndoRecord, signal: AbortSignal): Promise<UndoOutcome>;
  /** Removes what a dead run left in its own directory and what needs no record (named pipes). Never throws. */
  removeLeftovers?(runDirectory: string): void;
  /** Its records name commands to run: only those of a run that this machine knows are run. */
  readonly runsCommands?: boolean;
}

/** How long one undo may take before it counts as failed. */
export const UNDO_DEADLINE_MS = 4_000;

/**
 * Undoes all records, latest first, each under a deadline of its own: a slow or failing one stops no other.
 * They are started together, because healing must not wait for the slowest.
 */
export async function undoAll(
  records: readonly UndoRecord[],
  undoing: readonly Undoing[],
  onOutcome: (record: UndoRecord, outcome: UndoOutcome) => void,
): Promise<readonly UndoRecord[]> {
  const failed: UndoRecord[] = [];
  await Promise.all(
    [...records].reverse().map(async (record) => {
      const outcome = await undoOne(record, undoing);
      if (outcome.state === 'failed') failed.push(withWhatIsLeft(record, outcome));
      onOutcome(record, outcome);
    }),
  );
  return failed;
}

export async function undoOne(record: UndoRecord, undoing: readonly Undoing[]): Promise<UndoOutcome> {
  const deadlineMs = record.deadlineMs ?? UNDO_DEADLINE_MS;
  const who = undoing.find((one) => one.name === record.provider);
  if (!who) return { state: 'failed', detail: `no provider named ${record.provider} here` };
  const overdue = deadline(deadlineMs);
  const late = new Promise<UndoOutcome>((resolve) => {
    overdue.addEventListener('abort', () =>
      resolve({ state: 'failed', detail: `not undone within ${deadlineMs} ms` }),
    );
  });
  try {
    return await Promise.race([who.undo(record, overdue), late]);
  } catch (error) {
    return { state: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** Removes what needs no record, once a dead run has been undone. */
export function removeLeftovers(runDirectory: string, undoing: readonly Undoing[]): void {
  for (const one of undoing) one.removeLeftovers?.(runDirectory);
}

/** The record in the words of its failed undo, which has seen what is there by now. */
export function withWhatIsLeft(record: UndoRecord, { left }: UndoOutcome): UndoRecord {
  return left === undefined ? record : { ...record, describe: left.what, command: left.command };
}

/** What a person is told of a record that nobody could undo. */
export function asResidue({ describe, command }: UndoRecord): Residue {
  return { what: describe, command };
}

/** Records that were armed, and not (successfully) undone or answered for since, in the order in which they were armed. */
export function outstanding(lines: readonly JournalLine[]): readonly UndoRecord[] {
  const open = new Map<string, UndoRecord>();
  for (const { event } of lines) {
    if (event.type === 'undo-armed') open.set(event.record.id, event.record);
    if (event.type === 'undo-done' && event.outcome.state !== 'failed') open.delete(event.id);
    if (event.type === 'declared-clean') for (const { id } of event.records ?? []) open.delete(id);
  }
  return [...open.values()];
}

export function undoDone(record: UndoRecord, by: Undoer, outcome: UndoOutcome): JournalEvent {
  return { type: 'undo-done', id: record.id, by, outcome };
}
