import type { UndoOutcome, UndoRecord } from '../../chaos/provider.ts';
import type { JournalLine } from '../journal/events.ts';
import type { Residue } from '../verdict.types.ts';
import { stateDirectory } from './active-run.ts';

/** A record that could not be undone because its place cannot be reached or was replaced: nobody knows what is left of it. */
export interface OutOfReach {
  readonly record: UndoRecord;
  readonly reason: string;
  /** When an earlier undo saw that it was still there. Such a record cannot be declared clean. */
  readonly seenAt: number | null;
}

export function outOfReach(
  record: UndoRecord,
  outcome: UndoOutcome,
  lines: readonly JournalLine[],
): OutOfReach | null {
  if (outcome.state !== 'failed' || outcome.sight !== 'out-of-reach') return null;
  const seen = lines.findLast(
    ({ event }) => event.type === 'undo-done' && event.id === record.id && event.outcome.sight === 'there',
  );
  return { record, reason: outcome.detail, seenAt: seen?.at ?? null };
}

export function describeOutOfReach({ record, reason }: OutOfReach): string {
  return `${record.describe}: ${reason}`;
}

/** The reason comes last, because long texts are cut at the end. @param run the run's id or directory, as `squall recover` takes it */
export function outOfReachAsResidue({ record, reason, seenAt }: OutOfReach, run: string): Residue {
  const wayOut =
    seenAt === null
      ? `see that it can be reached, or look for yourself, and when nothing is left of it, say so: squall recover ${run} --declare-clean`
      : `it was there at ${new Date(seenAt).toISOString()}, so nobody can declare it away: see that it can be reached, or, when the whole place is gone for good, remove the lock of the run in ${stateDirectory()}`;
  return {
    what: `${record.describe}: it is out of reach; ${wayOut} (${reason})`,
    command: record.command,
  };
}
