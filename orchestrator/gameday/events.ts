/**
 * The record of a game day: what was asked, answered and run, in order. Like the journal of a run it is parsed, never trusted, and what
 * is added later is optional.
 */
import { z } from 'zod';

const text = z.string();
const texts = z.array(text).readonly();
const outcome = z.enum(['PASS', 'FAIL', 'INVALID']);
const milliseconds = z.number().nullable();

const row = z.object({ name: text, target: text, measured: text, result: outcome });

/** What the record keeps of a drill's verdict: enough for the report, whatever becomes of the run's directory. */
export const partResult = z.object({
  verdict: outcome,
  reasons: texts,
  /** Null: the drill was refused, and there is no run. */
  directory: text.nullable(),
  residue: texts,
  faults: z
    .array(
      z.object({
        name: text,
        kind: text,
        component: text,
        result: outcome,
        detectedAfterMs: milliseconds,
        recoveredAfterMs: milliseconds,
        /** The same in the words of the run's report. Left out: the record is older than this. */
        recovered: text.exactOptional(),
        downtimeMs: milliseconds,
        failedRequests: z.number(),
      }),
    )
    .readonly(),
  /** Every promise that was to be kept: expectations of faults, objectives, probes, writes. */
  promises: z.array(row).readonly(),
});

/** `part` is its number from 0; null: of the whole day. */
const part = z.int().min(0);

export const gamedayEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('gameday-started'),
    id: text,
    name: text,
    description: text.exactOptional(),
    environment: text,
    people: z.record(text, text),
    /** False: there was nobody to ask (`--yes`, or no terminal). */
    asked: z.boolean(),
    parts: z
      .array(
        z.object({
          name: text,
          drill: text,
          environment: text,
          hypothesis: text,
          brief: text.exactOptional(),
        }),
      )
      .readonly(),
  }),
  z.object({ type: z.literal('resumed') }),
  z.object({ type: z.literal('checked'), question: text, ok: z.boolean(), answer: text }),
  /** Before a part: it begins when people say so, or when its time is up. */
  z.object({ type: z.literal('waiting'), part }),
  z.object({ type: z.literal('predicted'), part, answer: text }),
  z.object({ type: z.literal('part-skipped'), part }),
  z.object({ type: z.literal('part-started'), part, directory: text }),
  z.object({ type: z.literal('part-ended'), part, result: partResult }),
  z.object({ type: z.literal('answered'), part: part.nullable(), question: text, answer: text }),
  z.object({ type: z.literal('action'), part: part.nullable(), what: text, who: text }),
  z.object({ type: z.literal('stopped'), reason: text }),
  z.object({ type: z.literal('gameday-ended') }),
]);

export type GamedayEvent = Readonly<z.infer<typeof gamedayEvent>>;
export type PartResult = Readonly<z.infer<typeof partResult>>;
export type GamedayStarted = Extract<GamedayEvent, { type: 'gameday-started' }>;

export const recordLine = z.object({ at: z.number(), event: gamedayEvent });
/** `at` is epoch milliseconds. */
export type RecordLine = Readonly<z.infer<typeof recordLine>>;
