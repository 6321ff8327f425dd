import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { StandIn } from '../../chaos/providers/aws/fixtures/stand-in.ts';
import { BROKEN, DENIED, EXPIRED, THROTTLED } from '../../chaos/providers/aws/fixtures/trouble.ts';
import {
  CLUSTER,
  INSTANCE,
  SERVICE,
  SHARD,
  SHARDED,
  SUBNETS,
  TEST_CREDENTIALS,
} from '../../chaos/providers/aws/fixtures/world.ts';
import { liveThrough, type OneFault, type Told } from './one-fault.ts';

beforeAll(() => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
});
afterAll(() => void vi.unstubAllEnvs());

interface Case extends OneFault {
  readonly title: string;
  readonly result: Told['result'];
  readonly says: RegExp;
  /** How often the order was sent; left out: once, or not at all when it is refused. */
  readonly sent?: number;
}

const ORDERS = { instance: 'RebootDBInstance', cluster: 'FailoverDBCluster', shard: 'TestFailover' } as const;
const instanceOf = ({ rds }: StandIn) =>
  rds.state.instances[0] as NonNullable<(typeof rds.state.instances)[0]>;
const clusterOf = ({ rds }: StandIn) => rds.state.clusters[0] as NonNullable<(typeof rds.state.clusters)[0]>;
const groupOf = ({ elasticache }: StandIn) =>
  elasticache.groups[0] as NonNullable<(typeof elasticache.groups)[0]>;
const tellEarlier = (standIn: StandIn, type: string, source: string, text: string, agoMs: number) =>
  standIn.events.earlier({ SourceType: type, SourceIdentifier: source, Message: text }, agoMs);
const STARTED = 'Multi-AZ instance failover started.';

const good: Case[] = [
  { title: 'an instance fails over', form: INSTANCE, result: 'PASS', says: /no request failed/ },
  { title: 'a cluster fails over', form: CLUSTER, result: 'PASS', says: /no request failed/ },
  { title: 'a shard fails over', form: SHARD, result: 'PASS', says: /no request failed/ },
  { title: 'a shard in cluster mode fails over', form: SHARDED, result: 'PASS', says: /no request failed/ },
];

const refused: Case[] = [
  refusal('an instance that is not Multi-AZ', INSTANCE, /not Multi-AZ/, (s) => {
    instanceOf(s).MultiAZ = false;
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
  refusal('a cluster that is not there', { rds: { cluster: 'nowhere' } }, /no DB cluster nowhere/),
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
  refusal('credentials of nobody', INSTANCE, /does not accept the credentials/, (s) =>
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

const around: Case[] = [
  order('refused by throttling', 'INVALID', /throttles this account/, THROTTLED),
  order('refused for want of the right', 'INVALID', /rds:RebootDBInstance: the credentials may not/, DENIED),
  order('refused because the credentials have just expired', 'INVALID', /have expired/, EXPIRED),
  {
    title: 'an order that fails with 500 after it was carried out: seen all the same, and not sent again',
    form: INSTANCE,
    before: (s) =>
      s.troubles.add({ action: ORDERS.instance, trouble: { does: 'fail-after', fault: BROKEN } }),
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'an order that fails with 500 and was not carried out: no evidence, and not sent again',
    form: INSTANCE,
    before: (s) => s.troubles.add({ action: ORDERS.instance, trouble: { does: 'refuse', fault: BROKEN } }),
    result: 'INVALID',
    says: /told of no failover.*it was not sent again/,
  },
  {
    title: 'an order whose connection is reset after it was carried out',
    form: CLUSTER,
    before: (s) => s.troubles.add({ action: ORDERS.cluster, trouble: { does: 'reset', carriedOut: true } }),
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'an order whose connection is reset before it was carried out',
    form: SHARD,
    before: (s) => s.troubles.add({ action: ORDERS.shard, trouble: { does: 'reset', carriedOut: false } }),
    result: 'INVALID',
    says: /no role has changed.*it was not sent again/,
  },
  {
    title: 'an order that is never answered and was carried out',
    form: SHARD,
    before: (s) => s.troubles.add({ action: ORDERS.shard, trouble: { does: 'hang', carriedOut: true } }),
    options: { orderTimeoutMs: 150 },
    result: 'PASS',
    says: /no request failed/,
  },
  ...Object.entries({ INSTANCE, CLUSTER, SHARD, SHARDED }).map(
    ([name, form]): Case => ({
      title: `200, and nothing is done (${name})`,
      form,
      before: (s) => s.troubles.add({ action: /RebootDB|Failover/, trouble: { does: 'ignore' } }),
      result: 'INVALID',
      says: /no evidence that .* failed over: AWS has told of no failover/,
    }),
  ),
  {
    title: 'AWS abandons it: its words are the reason',
    form: INSTANCE,
    before: (s) => {
      s.stage.ending = 'abandoned';
    },
    result: 'INVALID',
    says: /AWS gave it up: "Abandoning user requested failover since a failover recently occurred/,
  },
  {
    title: 'the primary comes back in its own zone',
    form: INSTANCE,
    before: (s) => {
      s.stage.ending = 'same-zone';
    },
    result: 'INVALID',
    says: /nothing took over, .*"Multi-AZ instance activation started\."/,
  },
  {
    title: 'the cluster promotes its old writer again',
    form: CLUSTER,
    before: (s) => {
      s.stage.ending = 'promotes-previous';
    },
    result: 'INVALID',
    says: /AWS gave it up: "Promoting previous primary again: library-a"/,
  },
  {
    title: 'the failover of the cluster fails',
    form: CLUSTER,
    before: (s) => {
      s.stage.ending = 'failed';
    },
    result: 'INVALID',
    says: /AWS gave it up: "Cluster failover failed/,
  },
  ...Object.entries({ INSTANCE, CLUSTER, SHARD }).map(
    ([name, form]): Case => ({
      title: `it never completes (${name})`,
      form,
      before: (s) => {
        s.stage.ending = 'never-completes';
      },
      result: 'INVALID',
      says: /no evidence that .* is back|no evidence that .* failed over/,
    }),
  ),
];

const claims: Case[] = [
  {
    title: 'events without a new role (CLUSTER)',
    form: CLUSTER,
    roles: false,
    result: 'INVALID',
    says: /but library-a is still the writer/,
  },
  {
    title: 'events without a new role (SHARD)',
    form: SHARD,
    roles: false,
    result: 'INVALID',
    says: /"Failover from .* completed", but sessions-001 is still named the primary/,
  },
  {
    title: 'events without a new zone, and no request that noticed (INSTANCE)',
    form: INSTANCE,
    roles: false,
    unnoticed: true,
    result: 'INVALID',
    says: /events alone say .*, and no request noticed the fault/,
  },
  {
    title: 'events without a new role, in cluster mode, and no request that noticed (SHARDED)',
    form: SHARDED,
    roles: false,
    unnoticed: true,
    result: 'INVALID',
    says: /events alone say .*, and no request noticed the fault/,
  },
  {
    title: 'events without a new zone, and an outage that the load has seen (INSTANCE)',
    form: INSTANCE,
    roles: false,
    noticed: true,
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'a real failover that no request noticed, of a store whose use cannot be told',
    form: SHARD,
    noticed: false,
    result: 'INVALID',
    says: /could not be measured \(.*CloudWatch/,
  },
  {
    title: 'events an hour late: the roles show it',
    form: CLUSTER,
    before: (s) => {
      s.eventTrouble.lateMs = 3_600_000;
    },
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'events an hour late, in cluster mode, where nothing else shows it',
    form: SHARDED,
    before: (s) => {
      s.eventTrouble.lateMs = 3_600_000;
    },
    result: 'INVALID',
    says: /told of no failover/,
  },
  {
    title: 'no event that it started',
    form: INSTANCE,
    before: (s) => {
      s.eventTrouble.missing = /started/;
    },
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'no event that it is completed: the new zone shows it',
    form: INSTANCE,
    before: (s) => {
      s.eventTrouble.missing = /completed/;
    },
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'events out of order, and without their full stops',
    form: INSTANCE,
    before: (s) => Object.assign(s.eventTrouble, { reversed: true, withoutStop: true }),
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'an event of an older failover that is told of only now',
    form: INSTANCE,
    planned: (s) => {
      tellEarlier(s, 'db-instance', 'projects', STARTED, 45_000);
      s.troubles.add({ action: ORDERS.instance, trouble: { does: 'ignore' } });
    },
    // The preflight right before the injection sees it.
    result: 'INVALID',
    says: /failover within the last 10 minutes/,
    sent: 0,
  },
  ...[-180_000, 240_000].flatMap((skewMs) =>
    Object.entries({ INSTANCE, SHARD }).map(
      ([name, form]): Case => ({
        title: `a clock ${Math.abs(skewMs) / 60_000} min ${skewMs > 0 ? 'behind' : 'ahead of'} AWS's (${name})`,
        form,
        skewMs,
        result: 'PASS',
        says: /no request failed/,
      }),
    ),
  ),
  {
    title: 'reads that are throttled twice',
    form: INSTANCE,
    planned: (s) =>
      s.troubles.add({ action: /^Describe/, times: 2, trouble: { does: 'refuse', fault: THROTTLED } }),
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'credentials that expire in the middle: nothing can be seen any more',
    form: SHARD,
    before: (s) => {
      s.troubles.add({ action: /^Describe/, after: 6, trouble: { does: 'refuse', fault: EXPIRED } });
    },
    result: 'INVALID',
    says: /credentials have expired/,
  },
  {
    title: 'another account between plan and order',
    form: INSTANCE,
    planned: (s) => {
      s.callerAccount = '999999999999';
    },
    result: 'INVALID',
    says: /credentials of account 999999999999/,
    sent: 0,
  },
];

const serviceOf = ({ ecs }: StandIn) => ecs.services[0] as NonNullable<(typeof ecs.services)[0]>;
const tasks: Case[] = [
  {
    title: 'a task stops, and another takes its place',
    form: SERVICE,
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'a task that does not end in its grace: the report says SIGKILL',
    form: SERVICE,
    before: (s) => {
      s.stage.ending = 'killed';
    },
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'a task whose place nothing takes',
    form: SERVICE,
    before: (s) => {
      s.stage.ending = 'never-completes';
    },
    result: 'INVALID',
    says: /no evidence that gateway has replaced .*: 2 of 3 run, 0 of them new/,
  },
  {
    title: '200, and no task stops',
    form: SERVICE,
    before: (s) => s.troubles.add({ action: 'StopTask', trouble: { does: 'ignore' } }),
    result: 'INVALID',
    says: /no evidence that a task of gateway stopped: 1 of 1 still run/,
  },
  {
    title: 'a task that something else has stopped meanwhile',
    form: SERVICE,
    before: (s) => s.troubles.add({ action: 'StopTask', trouble: { does: 'ignore' } }),
    planned: (s) =>
      Object.assign(s.ecs.tasks[0] ?? {}, { stoppedReason: 'Essential container in task exited' }),
    result: 'INVALID',
    says: /was stopped by something else: Essential container in task exited/,
  },
  {
    title: 'an order to stop whose connection is reset after it was carried out',
    form: SERVICE,
    before: (s) => s.troubles.add({ action: 'StopTask', trouble: { does: 'reset', carriedOut: true } }),
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'an order to stop that is refused for want of the right',
    form: SERVICE,
    before: (s) =>
      s.troubles.add({
        action: 'StopTask',
        trouble: { does: 'refuse', fault: { ...DENIED, code: 'AccessDeniedException' } },
      }),
    result: 'INVALID',
    says: /ecs:StopTask: the credentials may not/,
  },
  refusal(
    'a service that is not there',
    { ecs: { cluster: 'music', service: 'nowhere' } },
    /no active service music\/nowhere/,
  ),
  refusal(
    'a cluster of ECS that is not there',
    { ecs: { cluster: 'nowhere', service: 'gateway' } },
    /no active service/,
  ),
  refusal('a service that is being deployed', SERVICE, /is being deployed/, (s) => {
    serviceOf(s).deployments?.push({ status: 'ACTIVE' });
  }),
  {
    ...refusal('more tasks than run', SERVICE, /runs 3 tasks, and 4 are to be stopped/),
    params: { count: 4 },
  },
];

const cuts: Case[] = [
  {
    title: 'subnets are cut off and connected again',
    form: SUBNETS,
    result: 'PASS',
    says: /no request failed/,
  },
  refusal(
    'an account whose safety lever is engaged',
    SUBNETS,
    /safety lever of FIS is engaged \("incident"\)/,
    (s) => {
      s.fis.lever = { status: 'engaged', reason: 'incident' };
    },
  ),
  refusal('an account with five experiments already', SUBNETS, /5 experiments run already/, (s) => {
    for (let i = 0; i < 5; i += 1) {
      s.fis.experiments.push({ id: `EXP-other-${i}`, tags: {}, state: { status: 'running' }, actions: {} });
    }
  }),
  { ...refusal('a cut that resets connections', SUBNETS, /packets vanish/), params: { mode: 'reset' } },
  {
    title: 'a start of an experiment that fails with 500 after it was carried out: found by its tags',
    form: SUBNETS,
    before: (s) =>
      s.troubles.add({
        action: 'StartExperiment',
        trouble: { does: 'fail-after', fault: { ...BROKEN, code: 'InternalServerException' } },
      }),
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'a start of an experiment that is throttled: its template is removed',
    form: SUBNETS,
    before: (s) =>
      s.troubles.add({ action: 'StartExperiment', trouble: { does: 'refuse', fault: THROTTLED } }),
    result: 'INVALID',
    says: /fis:StartExperiment: AWS throttles/,
  },
  {
    title: 'an experiment whose targets FIS does not find',
    form: SUBNETS,
    before: (s) => {
      s.stage.ending = 'failed';
    },
    result: 'INVALID',
    says: /is failed \("Target resolution returned empty set"\)/,
  },
  {
    title: 'an experiment that an alarm stops',
    form: SUBNETS,
    before: (s) => {
      s.stage.ending = 'halted';
    },
    result: 'INVALID',
    says: /it had ended before its time: .*"Experiment halted by stop condition\."/,
  },
  {
    title: 'an experiment that runs, and no request notices',
    form: SUBNETS,
    noticed: false,
    unnoticed: true,
    result: 'INVALID',
    says: /FIS alone says that it has cut the subnets off, and no request noticed/,
  },
  {
    title: '200, and no experiment is there',
    form: SUBNETS,
    before: (s) => s.troubles.add({ action: 'StartExperiment', trouble: { does: 'ignore' } }),
    result: 'INVALID',
    says: /no evidence that FIS has cut anything/,
  },
];

const cases = [...good, ...refused, ...around, ...claims, ...tasks, ...cuts];

describe.concurrent('a fault on a stand-in for AWS', () => {
  test.each(cases.map((one) => [one.title, one.result, one] as const))(
    '%s: %s',
    { timeout: 30_000 },
    async (_title, result, { title: _, result: __, says, sent, ...fault }) => {
      const told = await liveThrough(fault);
      expect({ result: told.result, reason: told.reason }, told.evidence.join('\n')).toEqual({
        result,
        reason: expect.stringMatching(says),
      });
      // At most once, whatever happened around it.
      expect(told.sent).toBe(sent ?? (result === 'REFUSED' ? 0 : 1));
      expect(told.orders.length).toBeLessThanOrEqual(1);
      expect(told.left).toEqual([]);
    },
  );
});

test('there are at least 40 of them', () => {
  expect(cases.length).toBeGreaterThanOrEqual(40);
  expect(new Set(cases.map(({ title }) => title)).size).toBe(cases.length);
});

function refusal(what: string, form: object, says: RegExp, before?: (standIn: StandIn) => void): Case {
  return { title: what, form, result: 'REFUSED', says, ...(before && { before }) };
}

function order(what: string, result: Told['result'], says: RegExp, fault: typeof THROTTLED): Case {
  return {
    title: `an order that is ${what}`,
    form: INSTANCE,
    before: (s) => s.troubles.add({ action: ORDERS.instance, trouble: { does: 'refuse', fault } }),
    result,
    says,
  };
}

function aws({ environment }: { environment: { aws?: unknown } }) {
  return environment.aws as { account: string; region: string };
}
