import { z } from 'zod';
import { message } from '../fields/message.ts';
import { secret } from '../fields/secret.ts';

const url = z
  .string()
  .regex(
    /^(https?:\/\/|\$\{env:)\S{1,2000}$/,
    message('must be an http or https URL', 'write for example https://grafana.example.com'),
  );

const words = z.array(
  z.string().regex(/^[^\s,]{1,100}$/, message('a tag is one word', 'remove spaces and commas')),
);
const verdicts = z.array(z.enum(['PASS', 'FAIL', 'INVALID'])).min(1);
const headerText = z
  .string()
  .max(8_192)
  .regex(/^[^\r\n]*$/);

/** Who is told how a run ended. None of them has a say in the verdict. */
export const integrations = z
  .strictObject({
    link: z
      .string()
      .regex(
        /^(https?:\/\/|\$\{env:)\S{1,2000}$/,
        message(
          'must be an http or https URL',
          'write for example https://ci.example.com/runs/{run}/report.html',
        ),
      )
      .optional()
      .describe("where the report will be found; {run}, {drill} and {environment} stand for the run's"),
    grafana: z
      .strictObject({
        url,
        token: secret.describe('of a service account that may write annotations'),
        dashboard: z
          .string()
          .regex(/^[\w-]{1,40}$/)
          .optional()
          .describe('its uid; left out: of the whole organisation, found by tags'),
        tags: words.default([]).describe('beside squall and the names of drill and environment'),
      })
      .optional()
      .describe('annotations: the run, its phases and faults, with their times'),
    prometheus: z
      .strictObject({
        pushgateway: url.optional().describe('the numbers of the newest run of each drill and environment'),
        textfile: z
          .string()
          .min(1)
          .max(1_024)
          .optional()
          .describe("a folder for node_exporter's textfile collector, relative to this file"),
        job: z
          .string()
          .regex(/^[\w.:-]{1,100}$/)
          .default('squall'),
      })
      .refine(
        ({ pushgateway, textfile }) => pushgateway !== undefined || textfile !== undefined,
        message('metrics need a place to go', 'add pushgateway or textfile'),
      )
      .optional()
      .describe('metrics of runs'),
    otlp: z
      .strictObject({
        url: url.describe('of a collector, with or without /v1/traces'),
        headers: z.record(z.string().regex(/^[\w-]{1,100}$/), headerText).default({}),
        service: z.string().min(1).max(100).default('squall'),
      })
      .optional()
      .describe('the run as an OpenTelemetry trace, by OTLP over HTTP'),
    datadog: z
      .strictObject({
        site: z
          .string()
          .regex(/^[a-z0-9.-]{3,100}$/)
          .default('datadoghq.com')
          .describe('for example datadoghq.eu'),
        url: url.optional().describe('in place of https://api.<site>'),
        apiKey: secret,
        tags: words.default([]),
      })
      .optional()
      .describe('an event for the run and one for each fault'),
    pagerduty: z
      .strictObject({
        url: url.default('https://events.pagerduty.com/v2/enqueue'),
        routingKey: secret,
        on: verdicts.default(['FAIL']).describe('what triggers an alert; PASS resolves it'),
      })
      .optional(),
    slack: z.strictObject({ webhook: secret, on: verdicts.default(['PASS', 'FAIL', 'INVALID']) }).optional(),
    splunk: z
      .strictObject({
        url: url.describe('of the HTTP Event Collector, for example https://splunk.example.com:8088'),
        token: secret,
        index: z
          .string()
          .regex(/^[\w-]{1,80}$/)
          .optional(),
      })
      .optional()
      .describe('an event for the run, and one for each fault and objective'),
  })
  .describe('who is told how a run ended; none of them has a say in the verdict');

export type Integrations = z.output<typeof integrations>;

/** Everyone who can be told. */
export const integrationNames = Object.keys(integrations.shape).filter((name) => name !== 'link') as Exclude<
  keyof Integrations,
  'link'
>[];
