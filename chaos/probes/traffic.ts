import { z } from 'zod';
import { message } from '../fields/message.ts';
import { componentProbeKind, ofComponent } from './kind.ts';

const percent = z.number().min(0).max(100).describe('percent');

export const traffic = componentProbeKind('traffic', {
  schema: z
    .strictObject({
      ...ofComponent,
      kind: z.literal('traffic'),
      revision: z.string().min(1).max(200).optional().describe('left out: the newest that is ready'),
      from: percent.default(0),
      to: percent.default(100),
    })
    .refine(({ from, to }) => from <= to && (from > 0 || to < 100), {
      error: message(
        'a share of 0 to 100 percent always holds, and from may not be more than to',
        'say from, to or both',
      ),
    })
    .describe('this share of the requests is sent to a revision'),
  wanted: ({ component, revision, from, to }) =>
    `${from} to ${to} % of the requests of ${component} to ${revision ?? 'its newest revision'}`,
});
