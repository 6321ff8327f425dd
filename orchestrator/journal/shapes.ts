/**
 * Shapes of data that one process writes and another one reads: journal lines, undo records, locks. None of it is trusted: it may come
 * from an older squall, be cut off or be forged, and undoing it signals processes and runs commands.
 */
import { z } from 'zod';
import type { Evidence, UndoOutcome, UndoRecord, Use } from '../../chaos/provider.ts';

/** Any process. Pid 1 is allowed, because squall may have it in a container. */
export const processIdentity = z.object({
  pid: z.int().min(1),
  start: z.string().min(1),
});

/** A process whose group may be signalled. With pid 1 that would be `kill(-1)`, which hits every process of the user. */
export const groupLeader = z.object({
  pid: z.int().min(2),
  start: z.string().min(1),
});

/** More than any undo needs. Node's timers overflow after 24 days. */
const MAX_UNDO_DEADLINE_MS = 3_600_000;

export const undoRecord: z.ZodType<UndoRecord> = z.object({
  id: z.string().min(1),
  provider: z.string().min(1),
  fault: z.string(),
  action: z.string(),
  // Parsed by the provider that undoes it.
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
  unwitnessed: z.string().exactOptional(),
});

export const use: z.ZodType<Use> = z.object({
  inUse: z.boolean().nullable(),
  seen: z.array(z.string()).readonly(),
});

/** What does not fit, in one line, without values: they may be secret. */
export function whatDoesNotFit(error: z.ZodError): string {
  const [first] = error.issues;
  const place = first?.path.join('.') ?? '';
  return `${place === '' ? '' : `${place}: `}${first?.message ?? 'it does not fit'}`;
}

/** The outcome for a record that its provider cannot parse: nothing was done. */
export function refusedRecord(error: z.ZodError): UndoOutcome {
  return {
    state: 'failed',
    detail: `the record is not one that squall writes (${whatDoesNotFit(error)}): nothing was done by it`,
  };
}
