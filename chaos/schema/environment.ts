import { z } from 'zod';
import { type FaultKindName, faultKinds } from '../faults/index.ts';
import { headers } from '../fields/headers.ts';
import { message } from '../fields/message.ts';
import { componentName, distinct, hostPort, name, variables } from '../fields/names.ts';
import { positiveDurationMs, upperShareText } from '../fields/units.ts';
import { awsSettings } from '../providers/aws/component.ts';
import { component } from '../providers/definitions.ts';
import { googleSettings } from '../providers/google/component.ts';
import { integrations } from './integrations.ts';
import { loadSettings } from './load.ts';
import { slo } from './slo.ts';

const listen = hostPort(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)$/, 'write for example 127.0.0.1:9095', 0);
const kindName = z.enum(Object.keys(faultKinds) as [FaultKindName, ...FaultKindName[]]);
const command = z.array(z.string().min(1).max(4_096)).min(1).max(100);
const noTwice = message('the same entry is there twice', 'remove one of the two');

/** How acknowledged writes are looked up afterwards. */
const writeLookUp = z
  .strictObject({
    lookup: z
      .string()
      .regex(
        /^(https?:\/\/|\$\{env:)\S{1,2000}$/,
        message('must be an http or https URL', 'write for example http://127.0.0.1:9000/ids'),
      )
      .optional()
      .describe('POST {"ids": […]} answers {"counts": {"<id>": 1}}'),
    each: z
      .string()
      .regex(
        /^(https?:\/\/|\$\{env:)\S{0,2000}\{id\}\S{0,2000}$/,
        message(
          'must be an http or https URL with {id} in it',
          'write for example http://127.0.0.1:3000/posts/{id}',
        ),
      )
      .optional()
      .describe('GET for each id: 2xx is there, 404 and 410 are not; of a list, its length counts'),
    items: z
      .string()
      .regex(/^[\w-]+(\.[\w-]+)*$/, message('is no path in JSON', 'write for example data.items'))
      .optional()
      .describe('with `each`: where in the answer the list or the number is'),
    command: command
      .optional()
      .describe('reads {"ids": […]} and prints {"counts": {"<id>": 1}}; runs in the working directory'),
    headers,
    batch: z.int().min(1).max(10_000).default(500),
  })
  .refine(
    (w) => [w.lookup, w.each, w.command].filter((one) => one !== undefined).length === 1,
    message('writes are looked up in exactly one way', 'say one of lookup, each, command'),
  )
  .refine((w) => w.items === undefined || w.each !== undefined, {
    error: message('belongs to `each` alone', 'remove it'),
    path: ['items'],
  });

export const environment = z.strictObject({
  name,
  description: z.string().max(2_000).optional(),
  /** Handed to every scenario, which reads them from `__ENV`. `${env:NAME}` takes a secret from the environment of squall. */
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is what people write
  vars: variables.describe('handed to every scenario, which reads them from __ENV; a secret as ${env:NAME}'),
  alerts: z
    .strictObject({ listen })
    .optional()
    .describe('where squall receives alerts (Alertmanager webhook) during a drill'),
  allow: z
    .strictObject({
      kinds: z.array(kindName).min(1).refine(distinct, noTwice),
      maxTargets: z.int().min(1).default(1).describe('how many targets may be under faults at the same time'),
      maxDuration: positiveDurationMs.default(600_000).describe('the longest `for` of a fault'),
      components: z
        .array(componentName)
        .min(1)
        .refine(distinct, noTwice)
        .optional()
        .describe('left out: every component listed here'),
    })
    .optional()
    .describe('what may be hit; left out: nothing'),
  aws: awsSettings.optional().describe('the account of the components on AWS; compared with what STS says'),
  google: googleSettings.optional().describe('the project of the components on Google Cloud'),
  load: loadSettings.optional().describe('where the load comes from; left out: k6 on this machine'),
  components: z.record(componentName, component).default({}),
  testbed: z
    .strictObject({ up: command, down: command, status: command })
    .optional()
    .describe(
      'the target that squall starts when it is not there; commands run in the working directory; `status` exits with 0 (up), 1 to 63 (not there) or 75 (not complete)',
    ),
  http: z
    .strictObject({
      ca: z
        .string()
        .min(1)
        .max(1_024)
        .optional()
        .describe('a PEM file of certificates to trust beside the usual ones, relative to this file'),
      proxy: z
        .string()
        .regex(
          /^(https?:\/\/|\$\{env:)\S{1,2000}$/,
          message(
            'must be the http or https URL of a proxy',
            'write for example http://proxy.example.com:3128',
          ),
        )
        .optional()
        .describe('left out: as HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the caller say'),
      noProxy: z
        .array(
          z
            .string()
            .regex(
              /^\.?[A-Za-z0-9:[\]-][A-Za-z0-9.:[\]-]{0,252}$/,
              message('must be a host', 'write for example 127.0.0.1 or .example.com'),
            ),
        )
        .max(100)
        .optional()
        .describe('hosts asked directly; with a leading dot: all below a domain'),
    })
    .optional()
    .describe("how squall's own requests go out: http probes and the look-up of writes"),
  slo: slo
    .optional()
    .describe('where the past of the objectives is: how much of their error budgets is spent'),
  traces: z
    .strictObject({
      url: z
        .string()
        .regex(
          /^https?:\/\/\S{0,1000}\{traceId\}\S{0,1000}$/,
          message(
            'must be an http or https URL with {traceId} in it',
            'write for example http://127.0.0.1:16686/trace/{traceId}',
          ),
        )
        .describe('where a person finds a trace: the report links to it for failed requests'),
      share: upperShareText
        .default('100%')
        .describe('of the requests that are traced: the setting TRACES of the load, which wins over this'),
    })
    .optional()
    .describe('the load sends a `traceparent` with its requests (the scenario `requests`, and `squall/k6`)'),
  integrations: integrations.optional(),
  writes: writeLookUp.optional(),
});

export type Environment = z.output<typeof environment>;
export type { Component } from '../providers/definitions.ts';
