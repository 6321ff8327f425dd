import { z } from 'zod';
import { message } from '../fields/message.ts';
import { componentProbeKind, ofComponent } from './kind.ts';

const usDollars = z.number().positive().describe('US dollars');

export const cost = componentProbeKind('cost', {
  schema: z
    .strictObject({
      ...ofComponent,
      kind: z.literal('cost'),
      yesterdayBelow: usDollars.optional(),
      monthBelow: usDollars
        .optional()
        .describe('US dollars: what was spent this month, and the forecast of the rest'),
      alertAt: z
        .int()
        .min(1)
        .max(100)
        .optional()
        .describe("percent of the component's budget at which somebody is told"),
    })
    .refine(
      ({ yesterdayBelow, monthBelow, alertAt }) =>
        yesterdayBelow !== undefined || monthBelow !== undefined || alertAt !== undefined,
      message('a cost needs a bound', 'say yesterdayBelow, monthBelow or alertAt'),
    )
    .describe('what the account costs; asked once, because each question costs money'),
  wanted({ yesterdayBelow, monthBelow, alertAt }) {
    const bounds = [
      yesterdayBelow !== undefined && `yesterday below $${yesterdayBelow}`,
      monthBelow !== undefined && `the month below $${monthBelow}`,
      alertAt !== undefined && `an alert at ${alertAt} % of the budget`,
    ];
    return bounds.filter(Boolean).join(', ');
  },
});
