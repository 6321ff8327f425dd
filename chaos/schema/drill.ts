import { z } from 'zod';
import { drillFault } from '../faults/index.ts';
import { message } from '../fields/message.ts';
import { alertMatch, name, variableName, variables } from '../fields/names.ts';
import { percentileNumber } from '../fields/percentile.ts';
import { fraction, positiveDurationMs } from '../fields/units.ts';
import { drillProbe } from '../probes/index.ts';
import { eventStream } from './event-stream.ts';
import { lasting, measuresOneThing, objective, phaseName } from './objective.ts';

const load = z
  .strictObject({
    scenario: name.optional().describe('a bundle: build/<scenario>.js'),
    script: z
      .string()
      .min(1)
      .max(1_024)
      .optional()
      .describe('any k6 script, relative to this file; runs unchanged'),
    requests: z
      .string()
      .min(1)
      .max(1_024)
      .optional()
      .describe(
        'a file of requests, relative to this file; sent by the scenario requests, unless a script is named',
      ),
    vars: variables.describe('handed to the script, which reads them from __ENV'),
    thresholds: z
      .enum(['judge', 'ignore'])
      .optional()
      .describe('of a script: whether one of its own that is crossed makes the drill FAIL (left out: judge)'),
  })
  .refine(
    ({ scenario, script, requests }) =>
      scenario === undefined ? script !== undefined || requests !== undefined : script === undefined,
    message(
      'a load is either a scenario or a script, or a file of requests',
      'say exactly one of `scenario:`, `script:` and `requests:`',
    ),
  )
  .refine(({ script, thresholds }) => script !== undefined || thresholds === undefined, {
    error: message(
      'only a script has thresholds of its own',
      "remove it: what squall's scenarios promise is taken in by `use:` under objectives",
    ),
    path: ['thresholds'],
  })
  .refine(
    ({ requests, vars }) => requests === undefined || vars.REQUESTS === undefined,
    message('the requests are named twice', 'remove REQUESTS from `vars`'),
  );

const stop = z.union(
  [
    z
      .strictObject({
        errors: z.literal(true),
        above: fraction.refine((share) => share < 1, message('can never be reached', 'write less than 100%')),
        for: positiveDurationMs,
      })
      .describe('the share of failed requests; a target that answers nobody for so long counts, too'),
    z.strictObject({
      percentile: percentileNumber,
      above: positiveDurationMs,
      for: positiveDurationMs,
    }),
    z
      .strictObject({
        burn: z.string().min(1).describe('an availability objective of this drill'),
        above: z.number().gt(0).describe('1 spends the budget exactly over its window'),
        for: positiveDurationMs.refine(
          (ms) => ms <= 3_600_000,
          message('is longer than an hour', 'write a window of at most 1h'),
        ),
      })
      .describe('the error budget burns that many times too fast, measured over `for`'),
    z.strictObject({ alert: alertMatch }),
  ],
  {
    error: message(
      'a stop condition watches exactly one thing',
      'say `errors: true`, `percentile: 95` or `burn: <availability objective>` with `above` and `for`, or `alert` with labels',
    ),
  },
);

export const drill = z.strictObject({
  name,
  description: z.string().max(2_000).optional(),
  vars: z
    .record(variableName, z.string().max(8_192))
    .optional()
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write
    .describe('values that stand for ${NAME} in the texts of this drill; --var NAME=value changes them'),
  load: z.array(load).min(1).max(16).describe('k6 runs that make the traffic, all from the start'),
  steady: z
    .strictObject({
      after: positiveDurationMs
        .exactOptional()
        .describe('a warm-up from the first sample on: it is shown, and nobody judges it'),
      for: positiveDurationMs,
    })
    .prefault({ for: '10s' })
    .describe('objectives must hold this long before the first fault, else the run is INVALID'),
  faults: z.array(drillFault).max(100).default([]),
  objectives: z
    .array(
      z.union(
        [z.strictObject({ use: name, phase: phaseName.optional(), for: lasting.optional() }), objective],
        { error: measuresOneThing },
      ),
    )
    .min(1, message('without an objective nothing can fail', 'add one, for example `- use: gateway`'))
    .max(500),
  events: z
    .array(eventStream)
    .max(20)
    .optional()
    .describe('streams of events, beside HTTP requests and gRPC calls, in which outages are looked for'),
  probes: z.array(drillProbe).max(100).default([]),
  writes: z.strictObject({ lost: z.int().min(0), duplicated: z.int().min(0).default(0) }).optional(),
  stop: z.array(stop).max(100).default([]),
});

export type Drill = z.output<typeof drill>;
export type { DrillFault } from '../faults/index.ts';
export type { ComponentProbe, DrillProbe } from '../probes/index.ts';
export type StopCondition = z.output<typeof stop>;
export type DrillLoad = z.output<typeof load>;
