/**
 * Shapes of what one process writes and another one reads: journal lines, undo records, locks. None of it is trusted as it comes. It may
 * be from an older squall, cut short, or made by hand, and what is undone by it signals processes and runs commands.
 */
import { z } from 'zod';
import type { Evidence, UndoOutcome, UndoRecord, Use } from '../../chaos/provider.ts';

/** Any process, pid 1 included: in a container squall may be just that. */
export const processIdentity = z.object({
  pid: z.int().min(1),
  start: z.string().min(1),
});

/** A process whose group may be signalled. For pid 1 that would be `kill(-1)`: every process of the user. */
export const groupLeader = z.object({
  pid: z.int().min(2),
  start: z.string().min(1),
});

/** Longer than any undo that squall arms; a timer of Node takes no more than 24 days. */
const MAX_UNDO_DEADLINE_MS = 3_600_000;

export const undoRecord: z.ZodType<UndoRecord> = z.object({
  id: z.string().min(1),
  provider: z.string().min(1),
  fault: z.string(),
  action: z.string(),
  // Whoever undoes it parses this.
  data: z.record(z.string(), z.unknown()),
  describe: z.string(),
  command: z.string(),
  deadlineMs: z.int().min(1).max(MAX_UNDO_DEADLINE_MS).exactOptional(),
});

export const undoOutcome: z.ZodType<UndoOutcome> = z.object({
  state: z.enum(['undone', 'nothing-to-undo', 'failed']),
  detail: z.string(),
  left: z.object({ what: z.string(), command: z.string() }).exactOptional(),
  sight: z.enum(['there', 'out-of-reach']).exactOptional(),
});

export const evidence: z.ZodType<Evidence> = z.object({
  at: z.number(),
  withinMs: z.number().exactOptional(),
  seen: z.array(z.string()).readonly(),
});

export const use: z.ZodType<Use> = z.object({
  inUse: z.boolean().nullable(),
  seen: z.array(z.string()).readonly(),
});

/** What does not fit, in one line. Values are left out: they may be secrets. */
export function whatDoesNotFit(error: z.ZodError): string {
  const [first] = error.issues;
  const place = first?.path.join('.') ?? '';
  return `${place === '' ? '' : `${place}: `}${first?.message ?? 'it does not fit'}`;
}

/** An undo record that its own undoer cannot read: nothing was done. */
export function refusedRecord(error: z.ZodError): UndoOutcome {
  return {
    state: 'failed',
    detail: `the record is none that squall writes (${whatDoesNotFit(error)}): nothing was done by it`,
  };
}
