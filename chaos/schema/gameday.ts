import { z } from 'zod';
import { message } from '../fields/message.ts';
import { name, variables } from '../fields/names.ts';
import { positiveDurationMs } from '../fields/units.ts';

const path = z.string().min(1).max(1_024);
const words = z.string().trim().min(1).max(2_000);
const question = z.string().trim().min(1).max(500);

const part = z.strictObject({
  drill: path.describe('a drill, relative to this file'),
  name: name.optional().describe('left out: the name of the drill'),
  env: z.string().min(1).max(1_024).optional().describe('an environment by name or path; left out: --env'),
  vars: variables.describe('variables of the drill, as with --var'),
  approve: z.array(name).max(50).default([]).describe('faults that cannot be undone, as with --approve'),
  hypothesis: words.describe('what you believe, before it is tried: "when X breaks, Y goes on, because Z"'),
  brief: words.optional().describe('what people have to know or do before it begins'),
  pause: z
    .union([z.literal('people'), positiveDurationMs], {
      error: message('must be "people" or a duration', 'write for example pause: 30s, or leave it out'),
    })
    .default('people')
    .describe('before it begins: until people say so, or for this time'),
  ask: z.array(question).max(20).default([]).describe('what people are asked when it has ended'),
});

export const gameday = z.strictObject({
  name,
  description: words.optional(),
  people: z
    .record(z.string().min(1).max(60), z.string().min(1).max(200))
    .default({})
    .describe('who does what: lead, observer, scribe'),
  before: z
    .array(question)
    .max(30)
    .default([])
    .describe('each has to be answered with yes before anything is started'),
  parts: z.array(part).min(1).max(30).describe('drills, one after the other'),
  after: z
    .array(question)
    .max(30)
    .default(['What went well?', 'What surprised us?'])
    .describe('what people are asked at the end'),
});

export type Gameday = z.output<typeof gameday>;
export type GamedayPart = Gameday['parts'][number];
