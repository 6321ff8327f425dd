import { z } from 'zod';

/** What a drill and whoever carries its link say to each other: a thread of its own, or the keeper of the link. */

const directions = z.array(z.enum(['to', 'from'])).readonly();
const linkEffect = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('blackhole'), directions }),
  z.object({ kind: z.literal('reset') }),
  z.object({ kind: z.literal('refuse') }),
  z.object({ kind: z.literal('latency'), directions, delayMs: z.number(), jitterMs: z.number() }),
]);
const key = z.uuid();

export const toCarrier = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('apply'), id: z.int(), key, effect: linkEffect }),
  z.object({ ask: z.literal('remove'), id: z.int(), key }),
  /** `own`: ports of squall's own connections, which are no clients of the link. */
  z.object({ ask: z.literal('look'), id: z.int(), own: z.array(z.int()) }),
  /** From another process: is this effect in force? */
  z.object({ ask: z.literal('in-force'), id: z.int(), key }),
]);
export type ToCarrier = z.output<typeof toCarrier>;
/** Without its number, which is given when it is sent. */
export type Ask = ToCarrier extends infer One ? (One extends ToCarrier ? Omit<One, 'id'> : never) : never;

const when = z.number().optional();
const passed = z.object({ to: z.number(), from: z.number(), connects: z.number() });
export const activeState = z.object({
  key,
  passedBefore: passed,
  withheld: z.object({ pieces: z.number(), bytes: z.number(), firstAt: when }),
  delayed: z.object({
    pieces: z.number(),
    /** JSON has no infinity: null stands for "none yet". */
    minMs: z.number().nullable(),
    maxMs: z.number(),
    sumMs: z.number(),
    firstAt: when,
  }),
  hit: z.object({ connections: z.number(), firstAt: when }),
});
const reading = z.object({
  connections: z.number(),
  waiting: z.number(),
  passed,
  transit: z.object({ pieces: z.number(), maxMs: z.number(), firstAt: when }),
  listening: z.boolean(),
  use: z.object({ connections: z.number(), bytes: z.number(), pieces: z.number(), open: z.number() }),
});

export const fromCarrier = z.object({
  id: z.int(),
  problem: z.string().optional(),
  fix: z.string().optional(),
  inForce: z.boolean().optional(),
  reading: reading.optional(),
  active: z.array(activeState).optional(),
});
export type FromCarrier = z.output<typeof fromCarrier>;
