import { z } from 'zod';
import { message } from '../fields/message.ts';

const metricName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
    message('not a name of a k6 metric', 'write the name as the script has it, for example chat_answered'),
  )
  .refine(
    (metric) => !metric.startsWith('http_req'),
    message('HTTP requests are watched anyway', 'leave it out'),
  );

const scope = {
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,99}$/,
      message('a name has letters, digits, spaces, dots, slashes and dashes, at most 100', 'rename it'),
    )
    .optional()
    .describe('what the report calls it; left out: the metric, with its tag `name` or `check`'),
  where: z.record(z.string(), z.string()).optional().describe('only samples with all these k6 tags'),
};

/**
 * Events, beside HTTP requests, in which outages are looked for: whatever a script measures that can succeed and fail, or that comes
 * regularly. What a sample says depends on the metric: a Trend has the length of each event, which ended when the sample was taken; a
 * Rate says of each whether it was good; each sample of a Counter that is not 0 is a good event. Of the last two it is not known when
 * an event was due, so they have to come regularly: a silence is an outage, too.
 */
export const eventStream = z.union(
  [
    z.strictObject({
      ...scope,
      duration: metricName.describe('a Trend in milliseconds, for example grpc_req_duration'),
      good: z
        .record(z.string(), z.string())
        .optional()
        .describe('tags of a good one, for example { status: "0" }; left out: each is good'),
    }),
    z.strictObject({ ...scope, rate: metricName.describe('a Rate, for example checks') }),
    z.strictObject({ ...scope, counter: metricName.describe('a Counter, for example ws_msgs_received') }),
  ],
  {
    error: message(
      'a stream of events comes from exactly one metric',
      'say one of duration (a Trend in milliseconds), rate, counter',
    ),
  },
);

export type EventStream = z.output<typeof eventStream>;
