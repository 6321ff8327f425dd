import { z } from 'zod';

const pids = z.array(z.int().min(2)).readonly();

/** To the process that watches the machine, from now on. */
export const toWatch = z.object({
  /** These generate the load. */
  load: pids,
  /** The main threads of these carry links between the load and its target. */
  carriers: pids,
});

export type ToWatch = Readonly<z.infer<typeof toWatch>>;
