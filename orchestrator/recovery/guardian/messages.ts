import { z } from 'zod';
import { undoRecord } from '../../journal/shapes.ts';
import { activeRun } from '../active-run.ts';

/** Lines of JSON on the guardian's standard input. If it ends without `bye`, the orchestrator died. */
export const toGuardian = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), active: activeRun }),
  z.object({ type: z.literal('arm'), record: undoRecord }),
  z.object({ type: z.literal('disarm'), id: z.string() }),
  z.object({ type: z.literal('bye') }),
]);
export type ToGuardian = Readonly<z.infer<typeof toGuardian>>;

/** Lines of JSON back: each message is acknowledged by its number, or refused with a reason. */
export const fromGuardian = z.object({ ack: z.int().min(1), refused: z.string().exactOptional() });
export type FromGuardian = Readonly<z.infer<typeof fromGuardian>>;
