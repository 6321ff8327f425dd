import { z } from 'zod';
import { LOOPBACK_URL } from '../../fields/host-port.ts';
import { message } from '../../fields/message.ts';
import { positiveDurationMs } from '../../fields/units.ts';

const project = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
    message('is no id of a project', 'write it as the console shows it'),
  );

/** Which project an environment means. */
export const googleSettings = z.strictObject({
  project,
  endpoint: z
    .string()
    .regex(
      LOOPBACK_URL,
      message(
        'must be a URL on loopback with a port',
        'it is for tests alone: leave it out for a real project',
      ),
    )
    .optional()
    .describe('for tests: all calls go there, without credentials; on loopback only'),
});
export type GoogleSettings = z.output<typeof googleSettings>;

const label = z.string().min(1).max(1_024);

const cloudRun = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z]+-[a-z]+\d{1,2}$/, message('is no region', 'write for example europe-west3')),
  service: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, message('is no name of a service', 'write it as the console shows it')),
});

/** A metric of Cloud Monitoring, for probes of kind level. */
const metric = z.strictObject({
  type: z
    .string()
    .regex(
      /^[a-z0-9.]+\/[\w/.-]{1,200}$/,
      message('is no type of a metric', 'write for example run.googleapis.com/container/startup_latencies'),
    ),
  resource: z.record(label, label).default({}).describe('labels of the resource, e.g. service_name'),
  aligner: z
    .enum(['MEAN', 'MIN', 'MAX', 'SUM', 'RATE', 'PERCENTILE_50', 'PERCENTILE_95', 'PERCENTILE_99'])
    .default('MEAN')
    .describe('what becomes of the values of one period'),
  period: positiveDurationMs
    .refine(
      (ms) => ms >= 60_000 && ms % 1_000 === 0,
      message('Cloud Monitoring has no shorter period than a minute', 'write 60s, or more in whole seconds'),
    )
    .default(60_000),
});

/** What the project costs: Google tells it nowhere but in these. */
const costs = z
  .strictObject({
    export: z
      .string()
      .regex(
        /^[a-z][a-z0-9-]{4,28}[a-z0-9]\.\w{1,200}\.gcp_billing_export_(resource_)?v1_\w{1,100}$/,
        message(
          'is no export of the billing',
          'write PROJECT.DATASET.gcp_billing_export_v1_…, as BigQuery shows it',
        ),
      )
      .optional()
      .describe('the table of the export to BigQuery, for yesterdayBelow'),
    budget: z
      .string()
      .regex(
        /^billingAccounts\/[A-Z0-9]{6}-[A-Z0-9]{6}-[A-Z0-9]{6}\/budgets\/[\w-]{1,100}$/,
        message('is no budget', 'write billingAccounts/0A1B2C-3D4E5F-6A7B8C/budgets/ID'),
      )
      .optional()
      .describe('for alertAt'),
  })
  .refine(
    (c) => c.export !== undefined || c.budget !== undefined,
    message('what a project costs is told by an export or a budget alone', 'name `export`, `budget` or both'),
  );
export type CostPlace = z.output<typeof costs>;

const FORMS = ['cloudRun', 'metric', 'costs'] as const;

/** Exactly one of cloudRun, metric and costs. No fault hits them: what is on GKE is reached by Chaos Mesh. */
export const googleComponent = z
  .strictObject({
    provider: z.literal('google'),
    cloudRun: cloudRun.optional(),
    metric: metric.optional(),
    costs: costs.optional(),
  })
  .refine(
    (c) => FORMS.filter((form) => c[form] !== undefined).length === 1,
    message('a Google component is exactly one thing', `say one of ${FORMS.join(', ')}`),
  );
export type GoogleComponent = z.output<typeof googleComponent>;
export type CloudRunPlace = NonNullable<GoogleComponent['cloudRun']>;
export type MetricPlace = NonNullable<GoogleComponent['metric']>;
