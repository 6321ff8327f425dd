import { z } from 'zod';

const pids = z.array(z.int().min(2)).readonly();

/** To the process that watches the machine, from now on. */
export const toWatch = z.object({
  /** These generate the load. */
  load: pids,
  /** These threads carry links between the load and its target. */
  carriers: z.array(z.object({ pid: z.int().min(2), thread: z.int().min(2) })).readonly(),
});

export type ToWatch = Readonly<z.infer<typeof toWatch>>;
