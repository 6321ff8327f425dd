import { z } from 'zod';
import { message } from '../fields/message.ts';
import { componentName, name } from '../fields/names.ts';
import { integrationNames } from './integrations.ts';

const sentence = z.string().min(1).max(500);
const id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    message(
      'an id has letters, digits, dots and dashes, at most 100',
      'rename it, for example checkout.latency.p95',
    ),
  );

const measure = z
  .strictObject({
    drill: name.optional().describe('only runs of this drill'),
    scenario: name.optional().describe('only k6 summaries of this scenario (SUMMARY_JSON)'),
    gate: name.optional().describe('only gates of this suite'),
    environment: name
      .optional()
      .describe('only runs of drills in this environment; left out: in any, and the newest run counts'),
    objective: z
      .string()
      .min(1)
      .max(102)
      .optional()
      .describe(
        'the name of an objective; `x.*` is every one that begins with `x.`, and all of them must hold',
      ),
    phase: z
      .string()
      .max(80)
      .optional()
      .describe('only this phase of the objective; left out: each in which it is judged'),
    expectation: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9-]*\.(detectWithin|recoverWithin|downtimeBelow|failedRequestsBelow)$/,
        message(
          'an expectation is <fault>.<what it expects>',
          'write for example primary-lost.recoverWithin',
        ),
      )
      .optional(),
    probe: name.optional(),
    writes: z
      .enum(['lost', 'duplicated'])
      .optional()
      .describe('acknowledged writes that the drill looked up'),
    check: name.optional().describe('a check of the gate'),
    told: z
      .enum(integrationNames)
      .optional()
      .describe('a service that a drill told how it ended (`integrations` of its environment)'),
    page: z
      .enum(['summary', 'areas', 'aggregated'])
      .optional()
      .describe('what is looked up on the page that `squall register` makes of all runs'),
    bound: sentence.optional().describe('what it is measured against; left out: the bound of the promise'),
  })
  .refine(
    (one) =>
      [one.objective, one.expectation, one.probe, one.writes, one.check, one.told, one.page].filter(
        (what) => what !== undefined,
      ).length === 1,
    message(
      'a measurement is one objective, expectation, probe, check, the writes, who was told, or the page',
      'say exactly one of `objective:`, `expectation:`, `probe:`, `writes:`, `check:`, `told:` and `page:`',
    ),
  )
  .refine(
    (one) => [one.drill, one.scenario, one.gate].filter((where) => where !== undefined).length <= 1,
    message(
      'a measurement comes from one place',
      'say one of `drill:`, `scenario:` and `gate:`, and list the others',
    ),
  )
  .refine(
    (one) => one.scenario === undefined || one.objective !== undefined,
    message('a scenario has objectives only', 'say `drill:` for an expectation, a probe or the writes'),
  )
  .refine(
    (one) => (one.gate !== undefined) === (one.check !== undefined),
    message('a check belongs to a gate', 'say both `gate:` and `check:`'),
  )
  .refine(
    (one) =>
      one.environment === undefined ||
      [one.scenario, one.gate, one.page].every((where) => where === undefined),
    message('only drills say in which environment they ran', 'leave out `environment:`, or say `drill:`'),
  )
  .refine(
    (one) => one.page === undefined || [one.drill, one.scenario, one.gate].every((w) => w === undefined),
    message('the page is made of all runs', 'leave out `drill:`, `scenario:` and `gate:`'),
  );

const state = {
  by: z
    .array(measure)
    .min(1)
    .max(50)
    .optional()
    .describe('what measures it, each on its own; the newest measurement counts'),
  notMeasured: sentence
    .optional()
    .describe('why nothing measures it; beside `by`, why it may be that nothing has measured it here'),
};

const eitherMeasured = message(
  'a promise is measured by something, or nothing measures it',
  'say `by:`, or `notMeasured:` with the reason',
);

const means = sentence.optional().describe('under which load, counted how');
const part = z
  .strictObject({ bound: sentence, means, ...state })
  .refine((one) => one.by !== undefined || one.notMeasured !== undefined, eitherMeasured);

const promise = z
  .strictObject({
    bound: sentence.describe('what is promised, such as `< 100ms`, or in words'),
    means,
    system: name.optional().describe("left out: the area's"),
    owner: z.string().min(1).max(100).optional().describe("left out: the system's"),
    ...state,
    parts: z
      .record(id, part)
      .optional()
      .describe('a promise of several parts: it is kept when all of them are'),
  })
  .refine(
    (one) => (one.by !== undefined || one.notMeasured !== undefined) !== (one.parts !== undefined),
    message(
      eitherMeasured.split('; ')[0] ?? '',
      'say either `parts:`, or `by:` and `notMeasured:`, of which one is enough',
    ),
  )
  .refine(
    (one) => one.parts === undefined || Object.keys(one.parts).length > 0,
    message('a promise without parts cannot be kept', 'add a part, or say `by:` or `notMeasured:`'),
  );

/** thresholds/register.yaml: everything that the systems promise, and what measures it. */
export const register = z.strictObject({
  systems: z
    .record(
      name,
      z.strictObject({
        title: sentence,
        owner: z.string().min(1).max(100).describe('the team that answers for its promises'),
        components: z
          .array(componentName)
          .max(100)
          .default([])
          .describe('a drill that hits one of them is about this system'),
      }),
    )
    .describe('what makes promises'),
  areas: z.record(
    name,
    z.strictObject({
      title: sentence,
      system: name.optional().describe('of the promises that name none'),
      promises: z.record(id, promise),
    }),
  ),
});

export type Register = z.output<typeof register>;
export type RegisterMeasure = z.output<typeof measure>;
export type RegisterPromise = z.output<typeof promise>;
