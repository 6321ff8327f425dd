import { z } from 'zod';
import { message } from '../../fields/message.ts';

const LOOPBACK = /^https?:\/\/(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):\d{1,5}\/?$/;

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
      LOOPBACK,
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

/** Exactly one of rds, elasticache, ecs. */
export const awsComponent = z
  .strictObject({
    provider: z.literal('aws'),
    rds: rds.optional(),
    elasticache: elasticache.optional(),
    ecs: ecs.optional(),
  })
  .refine(
    (c) => [c.rds, c.elasticache, c.ecs].filter((form) => form !== undefined).length === 1,
    message('an AWS component is exactly one thing', 'say one of rds, elasticache, ecs'),
  );

export type AwsComponent = z.output<typeof awsComponent>;
