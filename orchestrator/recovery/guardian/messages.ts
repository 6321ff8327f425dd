import { z } from 'zod';
import { undoRecord } from '../../journal/shapes.ts';
import { activeRun } from '../active-run.ts';

/** Lines of JSON from the orchestrator to the guardian's standard input. Its end without `bye` means: the orchestrator died. */
export const toGuardian = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), active: activeRun }),
  z.object({ type: z.literal('arm'), record: undoRecord }),
  z.object({ type: z.literal('disarm'), id: z.string() }),
  z.object({ type: z.literal('bye') }),
]);
export type ToGuardian = Readonly<z.infer<typeof toGuardian>>;

/** Lines of JSON back: each message is acknowledged by its number, or refused with the reason. */
export const fromGuardian = z.object({ ack: z.int().min(1), refused: z.string().exactOptional() });
export type FromGuardian = Readonly<z.infer<typeof fromGuardian>>;
