import { z } from 'zod';
import { message } from '../fields/message.ts';
import { percentileNumber } from '../fields/percentile.ts';
import { durationText, lowerShareText, rateText, upperShareText, windowText } from '../fields/units.ts';

export const phaseName = z
  .string()
  .regex(
    /^(all|steady|fault:[a-z0-9][a-z0-9-]{0,62}(\+\d{1,4}s)?|recovery:[a-z0-9][a-z0-9-]{0,62})$/,
    message(
      'a phase is all, steady, fault:<name>, fault:<name>+<seconds>s or recovery:<name>',
      'write for example fault:primary-lost, or fault:primary-lost+5s for at least 5 s from its injection',
    ),
  );

/** How long it has to hold. */
export const lasting = durationText.describe('the phase has to last so long, else nothing is proven');

const scope = {
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
      message(
        'a name has letters, digits, dots and dashes, at most 100',
        'rename it, for example few-errors',
      ),
    ),
  where: z.record(z.string(), z.string()).optional(),
  phase: phaseName.optional(),
  for: lasting.optional(),
  minSamples: z.int().min(1).optional(),
};

// What each kind measures: the same members as in thresholds/objective.ts, checked. Texts keep their units.

const percentile = {
  percentile: percentileNumber,
  below: durationText,
  metric: z.string().min(1).optional(),
};
const errors = { errors: z.literal(true), below: upperShareText };
const throughput = { throughput: z.literal(true), atLeast: rateText };
const availability = { availability: z.literal(true), atLeast: lowerShareText, window: windowText };
const counter = {
  counter: z.string().min(1),
  open: z
    .string()
    .min(1)
    .optional()
    .describe(
      'a counter with the same tags that goes up when a check becomes due and down when it has been made; it must end at 0',
    ),
  equals: z.number().min(0).optional(),
  atMost: z.number().min(0).optional(),
  atLeast: z.number().gt(0).optional(),
};
const rate = {
  rate: z.string().min(1),
  atLeast: lowerShareText.optional(),
  below: upperShareText.optional(),
};

/** All of them, for whoever reads objectives that another squall has checked: an older one took a percentile below 1. */
export const measures = [
  { ...percentile, percentile: z.number() },
  errors,
  throughput,
  availability,
  counter,
  rate,
] as const;

/** Said of what is none of them, also where a set may stand instead. */
export const measuresOneThing = message(
  'an objective measures exactly one thing',
  'say one of percentile, errors, throughput, availability, counter, rate (or `use: <set>` from thresholds/)',
);

export const objective = z.union(
  [
    z.strictObject({ ...scope, ...percentile }),
    z.strictObject({ ...scope, ...errors }),
    z.strictObject({ ...scope, ...throughput }),
    z.strictObject({ ...scope, ...availability }),
    z
      .strictObject({ ...scope, ...counter })
      .refine(
        (o) => [o.equals, o.atMost, o.atLeast].filter((bound) => bound !== undefined).length === 1,
        message('a counter has exactly one bound', 'say one of equals, atMost, atLeast'),
      )
      .refine(
        (o) => o.open === undefined || o.equals === 0 || o.atMost !== undefined,
        message(
          'what is open can only add to the sum, which has no upper bound',
          'use it with equals: 0 or atMost',
        ),
      ),
    z
      .strictObject({ ...scope, ...rate })
      .refine(
        (o) => (o.atLeast === undefined) !== (o.below === undefined),
        message('a rate has exactly one bound', 'say either atLeast or below'),
      ),
  ],
  { error: measuresOneThing },
);
