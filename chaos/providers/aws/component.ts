import { z } from 'zod';
import { LOOPBACK_URL } from '../../fields/host-port.ts';
import { message } from '../../fields/message.ts';
import { distinct } from '../../fields/names.ts';
import { positiveDurationMs } from '../../fields/units.ts';

/** Which account an environment means. Drills compare it with what STS says before they do anything. */
export const awsSettings = z.strictObject({
  account: z
    .string()
    .regex(
      /^\d{12}$/,
      message('an account is its twelve digits', 'quote it, for example account: "123456789012"'),
    ),
  region: z
    .string()
    .regex(
      /^[a-z]{2}(-[a-z]{2,20}){1,3}-\d{1,2}$/,
      message('is no region', 'write for example eu-central-1'),
    ),
  profile: z
    .string()
    .regex(/^[\w+=,.@/-]{1,128}$/, message('is no name of a profile', 'write it as ~/.aws/config has it'))
    .optional()
    .describe("left out: the SDK's ordinary chain (variables, profiles, SSO, web identity, roles)"),
  endpoint: z
    .string()
    .regex(
      LOOPBACK_URL,
      message(
        'must be a URL on loopback with a port',
        'it is for tests alone: leave it out for a real account',
      ),
    )
    .optional()
    .describe('for tests: all calls go there; on loopback only'),
});

export type AwsSettings = z.output<typeof awsSettings>;

const id = (what: string, longest: number) =>
  z
    .string()
    .regex(
      new RegExp(`^[A-Za-z](?!.*--)[A-Za-z0-9-]{0,${longest - 1}}$`),
      message(`is no identifier of ${what}`, 'write it as the console shows it'),
    );

const rds = z
  .strictObject({
    instance: id('a DB instance', 63).optional().describe('a Multi-AZ DB instance'),
    cluster: id('a DB cluster', 63).optional().describe('an Aurora or a Multi-AZ DB cluster'),
    to: id('a DB instance', 63)
      .optional()
      .describe('of a cluster: the reader to promote; left out: the first by promotion tier and name'),
  })
  .refine(
    ({ instance, cluster }) => (instance === undefined) !== (cluster === undefined),
    message('a database is either an instance or a cluster', 'say exactly one of `instance` and `cluster`'),
  )
  .refine(({ instance, to }) => instance === undefined || to === undefined, {
    error: message('a Multi-AZ instance has one standby, which has no name', 'remove `to`'),
    path: ['to'],
  });

const elasticache = z.strictObject({
  group: id('a replication group', 40),
  shard: z
    .string()
    .regex(/^\d{4}$/, message('is no shard', 'quote it, for example shard: "0001"'))
    .default('0001')
    .describe('a node group, which is what ElastiCache calls a shard'),
});

const ecsName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,255}$/, message('is no name in ECS', 'write it as the console shows it'));

const ecs = z.strictObject({ cluster: ecsName, service: ecsName.describe('its tasks are the replicas') });

/** AWS's own limit for what is named one by one. */
const MOST_SUBNETS = 5;

/** Subnets that FIS may cut off, or tasks that it may delay, and the role that it takes on to do so. */
const fis = z
  .strictObject({
    subnets: z
      .array(
        z
          .string()
          .regex(
            /^subnet-[0-9a-f]{8,17}$/,
            message('is no subnet', 'write for example subnet-0a1b2c3d4e5f67890'),
          ),
      )
      .min(1)
      .max(MOST_SUBNETS, message('FIS takes no more than five subnets', 'name five, or make two components'))
      .refine(distinct, message('the same subnet is there twice', 'remove one of the two'))
      .optional()
      .describe('for partition'),
    tasks: z
      .strictObject({
        cluster: ecsName,
        service: ecsName,
        sources: z
          .array(
            z
              .string()
              .regex(
                /^[\w.:/-]{1,100}$/,
                message('is no address', 'write an IPv4 address, a CIDR block or a domain'),
              ),
          )
          .min(1)
          .max(20)
          .refine(distinct, message('the same address is there twice', 'remove one of the two'))
          .optional()
          .describe(
            'only what goes to these is delayed: IPv4 addresses, CIDR blocks or domains; left out: everything',
          ),
      })
      .optional()
      .describe('for latency: the tasks of this service'),
    scope: z
      .enum(['all', 'availability-zone', 'vpc', 's3', 'dynamodb', 's3express', 'prefix-list'])
      .default('all')
      .describe('what subnets are cut off from'),
    prefixList: z
      .string()
      .regex(/^pl-[0-9a-f]{8,17}$/, message('is no prefix list', 'write for example pl-0a1b2c3d4e5f67890'))
      .optional()
      .describe('for scope: prefix-list'),
    role: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,200}$/,
        message('is no role', 'write its ARN, arn:aws:iam::123456789012:role/fis'),
      )
      .describe(
        'with the managed policy AWSFaultInjectionSimulatorNetworkAccess for subnets, AWSFaultInjectionSimulatorECSAccess for tasks',
      ),
    stopAlarm: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:cloudwatch:\S{1,300}$/,
        message('is no alarm', 'write the ARN of a CloudWatch alarm'),
      )
      .optional()
      .describe('stops the experiment when it goes off'),
  })
  .refine(
    ({ subnets, tasks }) => (subnets === undefined) !== (tasks === undefined),
    message('FIS hits either subnets or tasks', 'say exactly one of `subnets` and `tasks`'),
  )
  .refine(({ scope, prefixList }) => (scope === 'prefix-list') === (prefixList !== undefined), {
    error: message('a prefix list goes with scope: prefix-list', 'say both, or neither'),
    path: ['prefixList'],
  });

export type FisForm = z.output<typeof fis>;

const dimension = z.string().min(1).max(1_024);

/** What probes look at; faults do not hit it. */
const cloudwatch = z
  .strictObject({
    alarm: z.string().min(1).max(255).optional().describe('the name of an alarm, for probes of kind alarm'),
    metric: z
      .strictObject({
        namespace: z.string().min(1).max(255).describe('e.g. AWS/ECS'),
        name: z.string().min(1).max(255).describe('e.g. CPUUtilization'),
        dimensions: z
          .record(dimension, dimension)
          .default({})
          .describe('all of them: a metric of other dimensions is another metric'),
        statistic: z
          .string()
          .regex(
            /^(Average|Minimum|Maximum|Sum|SampleCount|p\d{1,2}(\.\d{1,10})?)$/,
            message(
              'is no statistic',
              'write Average, Minimum, Maximum, Sum, SampleCount or a percentile like p99',
            ),
          )
          .regex(/^(?!p00?(\.|$))/, message('a percentile is between 1 and 100', 'write p95, not p0.95'))
          .default('Average'),
        period: positiveDurationMs
          .refine(
            (ms) => [1_000, 5_000, 10_000, 20_000, 30_000].includes(ms) || ms % 60_000 === 0,
            message('CloudWatch has no such period', 'write 1s, 5s, 10s, 20s, 30s or whole minutes'),
          )
          .default(60_000),
      })
      .optional()
      .describe('for probes of kind level'),
  })
  .refine(
    ({ alarm, metric }) => (alarm === undefined) !== (metric === undefined),
    message('it is either an alarm or a metric', 'say exactly one of `alarm` and `metric`'),
  );

const s3 = z.strictObject({
  bucket: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      message('is no name of a bucket', 'write it as the console shows it'),
    ),
  prefix: z.string().max(500).default('').describe('where a round trip stores its object, e.g. drills/'),
});

const costs = z.strictObject({
  budget: z.string().min(1).max(100).optional().describe('the name of a budget, for alertAt'),
});

const FORMS = ['rds', 'elasticache', 'ecs', 'fis', 'cloudwatch', 's3', 'costs'] as const;

/** Exactly one of rds, elasticache, ecs, fis, cloudwatch, s3, costs. */
export const awsComponent = z
  .strictObject({
    provider: z.literal('aws'),
    rds: rds.optional(),
    elasticache: elasticache.optional(),
    ecs: ecs.optional(),
    fis: fis.optional(),
    cloudwatch: cloudwatch.optional(),
    s3: s3.optional(),
    costs: costs.optional(),
  })
  .refine(
    (c) => FORMS.filter((form) => c[form] !== undefined).length === 1,
    message('an AWS component is exactly one thing', `say one of ${FORMS.join(', ')}`),
  );

export type AwsComponent = z.output<typeof awsComponent>;
