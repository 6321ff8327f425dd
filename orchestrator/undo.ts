import { deadline } from '../chaos/deadline.ts';
import type { UndoOutcome, UndoRecord } from '../chaos/provider.ts';
import type { JournalEvent, JournalLine, Undoer } from './journal/events.ts';
import type { Residue } from './verdict.types.ts';

/** Anything that can undo records: the providers, the load runners, and the run itself for its testbed. */
export interface Undoing {
  readonly name: string;
  undo(record: UndoRecord, signal: AbortSignal): Promise<UndoOutcome>;
  /** Removes what a dead run left in its own directory without an undo record, such as named pipes. Never throws. */
  removeLeftovers?(runDirectory: string): void;
  /** Its records contain commands. They are run only for runs that this machine knows. */
  readonly runsCommands?: boolean;
  /** Its records name processes, which only who runs beside them can see: elsewhere they would seem to be gone. */
  readonly seesProcesses?: boolean;
}

/** How long one undo may take before it counts as failed. */
export const UNDO_DEADLINE_MS = 4_000;

/**
 * Undoes all records, latest first, each under its own deadline: a slow or failing one does not stop the others.
 * All are started together, so that none waits for the slowest.
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

/** Removes what has no undo record, once a dead run has been undone. */
export function removeLeftovers(runDirectory: string, undoing: readonly Undoing[]): void {
  for (const one of undoing) one.removeLeftovers?.(runDirectory);
}

/** The record with what its failed undo found to be left, which is more recent. */
export function withWhatIsLeft(record: UndoRecord, { left }: UndoOutcome): UndoRecord {
  return left === undefined ? record : { ...record, describe: left.what, command: left.command };
}

/** What the user is told about a record that could not be undone. */
export function asResidue({ describe, command }: UndoRecord): Residue {
  return { what: describe, command };
}

/** Records that were armed and have been neither undone nor declared clean since, in the order in which they were armed. */
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
