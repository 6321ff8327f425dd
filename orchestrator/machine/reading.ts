import { z } from 'zod';

/** Why the load generator stood still, or may have. */
export const stallCause = z.enum([
  /** A timer of a process with nothing else to do came late: the whole machine stood still, or was too busy for it. */
  'late',
  /** k6 was stopped by a signal. */
  'stopped',
  /** A thread of k6 was ready to run and had no processor. */
  'starved',
  /** Squall was ready to carry a link between k6 and the target, and had no processor. */
  'link starved',
]);

/** From `from` to `to` (epoch ms), `lostMs` of it were lost to whoever wanted to run. */
export const stall = z.object({
  from: z.number(),
  to: z.number(),
  lostMs: z.number().min(0),
  cause: stallCause,
});

/** What the machine that generates the load did in one second. Shares are 0 to 1. Null: not known, or nothing to know yet. */
export const machineSecond = z.object({
  /** Seconds since the epoch. */
  second: z.number(),
  /** How late the latest timer came. */
  lateMaxMs: z.number().min(0),
  /** In the order in which they were noticed. One may have begun in a second before. */
  stalls: z.array(stall).readonly(),
  /** Of all processors: not idle, and taken by the hypervisor. */
  busy: z.number().nullable(),
  steal: z.number().nullable(),
  /** Of the time: some task was ready to run and had no processor (PSI). */
  pressure: z.number().nullable(),
  /** Processors that k6 used: 0.5 is half of one. */
  k6Cpus: z.number().nullable(),
  /** For how long threads of k6 waited for a processor, all together. */
  k6WaitMs: z.number().nullable(),
});

export type StallCause = z.infer<typeof stallCause>;
export type Stall = Readonly<z.infer<typeof stall>>;
export type MachineSecond = Readonly<z.infer<typeof machineSecond>>;
