import { z } from 'zod';

/** Parts of verdict.json as they are read again: by the register, and by the page over many runs. */
export const outcome = z.enum(['PASS', 'FAIL', 'INVALID']);
export const time = z.iso.datetime();

export const recordedObjective = z.object({
  name: z.string(),
  phase: z.string(),
  target: z.string(),
  measured: z.number().nullable(),
  result: outcome,
});
