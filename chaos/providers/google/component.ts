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

/** Exactly one of cloudRun and metric. No fault hits them: what is on GKE is reached by Chaos Mesh. */
export const googleComponent = z
  .strictObject({ provider: z.literal('google'), cloudRun: cloudRun.optional(), metric: metric.optional() })
  .refine(
    (c) => (c.cloudRun === undefined) !== (c.metric === undefined),
    message('a Google component is exactly one thing', 'say one of cloudRun and metric'),
  );
export type GoogleComponent = z.output<typeof googleComponent>;
export type CloudRunPlace = NonNullable<GoogleComponent['cloudRun']>;
export type MetricPlace = NonNullable<GoogleComponent['metric']>;
