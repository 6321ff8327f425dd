import { z } from 'zod';
import { message } from '../fields/message.ts';
import { name, variables } from '../fields/names.ts';
import { durationMs, fraction, positiveDurationMs } from '../fields/units.ts';

const path = z.string().min(1).max(1_024);
const blocks = z.boolean().default(true).describe('false: only warns');

const check = z
  .strictObject({
    name,
    scenario: name.optional().describe('a bundle: build/<scenario>.js; its own thresholds decide'),
    script: path.optional().describe('any k6 script, relative to this file; its own thresholds decide'),
    drill: path.optional().describe('a drill, relative to this file'),
    vars: variables.describe('handed to the scenario or script; a drill has its own'),
    blocks,
  })
  .refine(
    ({ scenario, script, drill }) =>
      [scenario, script, drill].filter((one) => one !== undefined).length === 1,
    message(
      'a check is one scenario, script or drill',
      'say exactly one of `scenario:`, `script:` and `drill:`',
    ),
  )
  .refine(
    ({ drill, vars }) => drill === undefined || Object.keys(vars).length === 0,
    message('a drill takes no variables from a suite', 'write them into the drill'),
  );

const MIN_SLOT_MS = 1_000;
const MAX_WARM_UP_MS = 600_000;
const comparison = z
  .strictObject({
    name,
    scenario: name.optional().describe('a bundle: build/<scenario>.js'),
    script: path.optional().describe('any k6 script with constant arrival rates, relative to this file'),
    vars: variables,
    slots: z
      .strictObject({
        pairs: z.int().min(10).max(400).default(25).describe('slots of each side'),
        length: positiveDurationMs
          .refine(
            (ms) => ms >= MIN_SLOT_MS && ms <= 60_000,
            message('must be from 1s to 60s', 'write for example 2s; the first quarter of it is dropped'),
          )
          .prefault('2s'),
        warmUp: durationMs
          .refine((ms) => ms <= MAX_WARM_UP_MS, message('must be at most 10min', 'write for example 30s'))
          .prefault('10s')
          .describe('of each start: load before its slots, of which only failures count'),
      })
      .prefault({}),
    restarts: z
      .int()
      .min(1)
      .max(20)
      .default(1)
      .describe('starts of each side, by the testbed commands of the environments'),
    smallest: z
      .strictObject({ ratio: fraction.prefault('5%'), absolute: durationMs.prefault('2ms') })
      .prefault({})
      .describe('a smaller difference does not matter'),
    requests: z
      .array(z.string().min(1).max(500))
      .min(1)
      .max(50)
      .optional()
      .describe('names of requests; left out: every name'),
    blocks,
  })
  .refine(
    ({ scenario, script }) => (scenario === undefined) !== (script === undefined),
    message('a comparison takes one scenario or script', 'say exactly one of `scenario:` and `script:`'),
  )
  .refine(
    ({ slots, restarts }) => slots.pairs >= 2 * restarts,
    message('each start needs two pairs of slots', 'lower `restarts`, or raise `slots.pairs`'),
  );

export const suite = z
  .strictObject({
    name,
    description: z.string().max(2_000).optional(),
    budget: positiveDurationMs.describe('the gate is refused when it would take longer'),
    checks: z.array(check).max(50).default([]).describe('what must hold for the candidate'),
    compare: z.array(comparison).max(20).default([]).describe('candidate and baseline, side by side'),
  })
  .refine(
    ({ checks, compare }) => checks.length + compare.length > 0,
    message('a suite without a check or a comparison proves nothing', 'add `checks:` or `compare:`'),
  );

export type Suite = z.output<typeof suite>;
export type SuiteCheck = z.output<typeof check>;
export type SuiteComparison = z.output<typeof comparison>;
