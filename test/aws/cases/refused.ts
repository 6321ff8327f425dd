import { DENIED, EXPIRED } from '../../../chaos/providers/aws/fixtures/trouble.ts';
import { CLUSTER, INSTANCE, SERVICE, SHARD } from '../../../chaos/providers/aws/fixtures/world.ts';
import { type Case, clusterOf, groupOf, instanceOf, refusal, STARTED, tellEarlier } from './case.ts';

/** What AWS would not fail over, or not for us: the drill does not start. */
export const refused: Case[] = [
  refusal('an instance that is not Multi-AZ', INSTANCE, /not Multi-AZ/, (s) => {
    instanceOf(s).MultiAZ = false;
  }),
  refusal('an instance that is stopped', INSTANCE, /it is stopped. Fix: start it/, (s) => {
    instanceOf(s).DBInstanceStatus = 'stopped';
  }),
  refusal('an instance that is being modified', INSTANCE, /it is modifying/, (s) => {
    instanceOf(s).DBInstanceStatus = 'modifying';
  }),
  refusal('an instance without a zone for its standby', INSTANCE, /names no zone of a standby/, (s) => {
    delete instanceOf(s).SecondaryAvailabilityZone;
  }),
  refusal('an instance with pending changes', INSTANCE, /changes are pending \(DBInstanceClass\)/, (s) => {
    instanceOf(s).PendingModifiedValues = { DBInstanceClass: 'db.m6g.xlarge' };
  }),
  refusal('an instance that is a member of a cluster', INSTANCE, /write rds: \{ cluster: library \}/, (s) => {
    instanceOf(s).DBClusterIdentifier = 'library';
  }),
  refusal(
    'an instance that failed over 9 minutes ago',
    INSTANCE,
    /failover within the last 10 minutes/,
    (s) => tellEarlier(s, 'db-instance', 'projects', STARTED, 9 * 60_000),
  ),
  refusal(
    'an instance that is not there',
    { rds: { instance: 'nowhere' } },
    /no DB instance nowhere in eu-central-1/,
  ),
  refusal(
    'an instance whose name is that of a cluster',
    { rds: { instance: 'library' } },
    /no DB instance library .*rds: \{ cluster: NAME \}/,
  ),
  refusal('a cluster that is not there', { rds: { cluster: 'nowhere' } }, /no DB cluster nowhere/),
  refusal(
    'a cluster of Aurora Serverless v1, which has no instances',
    CLUSTER,
    /it has no instances/,
    (s) => {
      clusterOf(s).DBClusterMembers = [];
    },
  ),
  refusal(
    'a cluster of a global database that is not its primary one',
    CLUSTER,
    /names no writer.*of a global database hit the primary cluster/,
    (s) => {
      for (const member of clusterOf(s).DBClusterMembers ?? []) member.IsClusterWriter = false;
    },
  ),
  refusal('a cluster without a reader', CLUSTER, /no reader is available/, (s) => {
    clusterOf(s).DBClusterMembers = (clusterOf(s).DBClusterMembers ?? []).slice(0, 1);
  }),
  refusal('a cluster whose readers are all being made', CLUSTER, /no reader is available/, (s) => {
    for (const one of s.rds.state.instances.slice(2)) one.DBInstanceStatus = 'creating';
  }),
  refusal('a cluster with two writers', CLUSTER, /names 2 writers/, (s) => {
    for (const member of (clusterOf(s).DBClusterMembers ?? []).slice(0, 2)) member.IsClusterWriter = true;
  }),
  refusal(
    'a cluster whose wanted reader is none',
    { rds: { cluster: 'library', to: 'library-x' } },
    /library-x is not one of its available readers/,
  ),
  refusal('a cluster that is failing over', CLUSTER, /it is failing-over/, (s) => {
    clusterOf(s).Status = 'failing-over';
  }),
  refusal('a group without automatic failover', SHARD, /automatic failover is disabled/, (s) => {
    groupOf(s).AutomaticFailover = 'disabled';
  }),
  refusal('a group whose node is being replaced', SHARD, /its group is modifying/, (s) => {
    groupOf(s).Status = 'modifying';
  }),
  refusal('a shard without a replica', SHARD, /has no replica/, (s) => {
    groupOf(s).NodeGroups?.[0]?.NodeGroupMembers?.pop();
  }),
  refusal(
    'a shard that is not there',
    { elasticache: { group: 'sessions', shard: '0009' } },
    /no shard 0009/,
  ),
  refusal(
    'a node for a group',
    { elasticache: { group: 'sessions-001' } },
    /no replication group sessions-001 .*write its group, `group: sessions`/,
  ),
  refusal('a serverless cache', { elasticache: { group: 'songs' } }, /serverless caches .* cannot fail over/),
  refusal('a group that is not there', { elasticache: { group: 'nowhere' } }, /no replication group nowhere/),
  refusal('a day that has had its 15 test failovers', SHARD, /15 test failovers were called/, (s) => {
    for (let i = 0; i < 15; i += 1) {
      tellEarlier(
        s,
        'replication-group',
        `group-${i}`,
        'Test Failover API called for node group 0001',
        i * 3_600_000,
      );
    }
  }),
  refusal(
    'another account',
    INSTANCE,
    /credentials of account 999999999999, and the environment means 123456789012/,
    (s) => {
      s.callerAccount = '999999999999';
    },
  ),
  refusal('expired credentials', INSTANCE, /credentials have expired.*log in again/, (s) =>
    s.troubles.add({ action: 'GetCallerIdentity', trouble: { does: 'refuse', fault: EXPIRED } }),
  ),
  ...Object.entries({ INSTANCE, CLUSTER, SHARD, SERVICE }).map(
    ([name, form]): Case => ({
      ...refusal(`another region, where it is not (${name})`, form, /there is no .* in us-east-1\./),
      change: (request) => ({
        ...request,
        environment: { ...request.environment, aws: { ...aws(request), region: 'us-east-1' } },
      }),
    }),
  ),
  refusal('credentials of nobody', INSTANCE, /does not accept .* whether eu-central-1 is enabled/, (s) =>
    s.troubles.add({
      action: 'GetCallerIdentity',
      trouble: { does: 'refuse', fault: { code: 'InvalidClientTokenId', message: 'invalid', status: 403 } },
    }),
  ),
  refusal('credentials that may not look', INSTANCE, /may not .*policies\//, (s) =>
    s.troubles.add({ action: 'DescribeDBInstances', trouble: { does: 'refuse', fault: DENIED } }),
  ),
  refusal('an answer that is no XML', SHARD, /cannot elasticache:DescribeReplicationGroups/, (s) =>
    s.troubles.add({ action: 'DescribeReplicationGroups', trouble: { does: 'garble' } }),
  ),
  {
    ...refusal('an endpoint that nobody listens on', INSTANCE, /cannot be reached/),
    change: (request) => ({
      ...request,
      environment: { ...request.environment, aws: { ...aws(request), endpoint: 'http://127.0.0.1:1' } },
    }),
  },
  {
    ...refusal('an API that hangs', INSTANCE, /no answer in time/, (s) =>
      s.troubles.add({ action: 'GetCallerIdentity', trouble: { does: 'hang', carriedOut: false } }),
    ),
    options: { requestTimeoutMs: 100 },
  },
  {
    ...refusal('an orderly switch', INSTANCE, /AWS does no failover of this form/),
    params: { mode: 'demote' },
  },
];

function aws({ environment }: { environment: { aws?: unknown } }) {
  return environment.aws as { account: string; region: string };
}
