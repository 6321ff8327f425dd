import { z } from 'zod';
import { headers } from '../fields/headers.ts';
import { message } from '../fields/message.ts';
import { name } from '../fields/names.ts';
import { lowerShareText, windowText } from '../fields/units.ts';

/** In the place of a range in a query: `rate(http_requests_total[$window])`. */
export const WINDOW = '$window';

const query = z
  .string()
  .min(1)
  .max(4_096)
  .refine(
    (text) => text.includes(WINDOW),
    message(
      `a query says ${WINDOW} where its range is, so that it can be asked over minutes and over days`,
      `write for example sum(rate(http_requests_total{job="gateway"}[${WINDOW}]))`,
    ),
  );

const counted = z
  .strictObject({
    bad: query.optional().describe('PromQL: bad events per second'),
    good: query.optional().describe('PromQL: good events per second, in place of bad'),
    total: query.describe('PromQL: all events per second'),
    atLeast: lowerShareText
      .optional()
      .describe(
        'the share of events that has to be good; left out: the objective of that name in `use` says it',
      ),
    window: windowText.optional().describe('of its budget, where the objective names none; left out: 30d'),
  })
  .refine(
    ({ bad, good }) => (bad === undefined) !== (good === undefined),
    message('events are counted by `bad` or `good`, and `total`', 'say exactly one of `bad:` and `good:`'),
  );

/** A name that needs no quoting in PromQL: that of an objective. */
const label = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    message(
      'a name has letters, digits, dots and dashes, at most 100',
      'rename it, for example gateway.availability',
    ),
  );

/** Where the past of the objectives is: how much of their error budgets is spent. */
export const slo = z.strictObject({
  prometheus: z
    .string()
    .regex(
      /^(https?:\/\/|\$\{env:)\S{1,2000}$/,
      message('must be an http or https URL', 'write for example http://prometheus.example.com:9090'),
    )
    .describe(
      'a server with the HTTP API of Prometheus (also Mimir, Thanos, VictoriaMetrics); without /api/v1',
    ),
  headers,
  service: label.optional().describe("OpenSLO's service; left out: the environment's name"),
  freeze: z.boolean().default(true).describe('a gate fails when a budget is spent; false: it only says so'),
  use: z.array(name).max(50).default([]).describe('sets of objectives in thresholds/, whose promises count'),
  objectives: z
    .record(label, counted)
    .refine(
      (all) => Object.keys(all).length > 0,
      message('no objective is named', 'write for example gateway.availability: { bad: …, total: … }'),
    ),
});

export type Slo = z.output<typeof slo>;
export type CountedEvents = z.output<typeof counted>;
