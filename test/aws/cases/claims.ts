import { EXPIRED, THROTTLED } from '../../../chaos/providers/aws/fixtures/trouble.ts';
import { CLUSTER, INSTANCE, SHARD, SHARDED } from '../../../chaos/providers/aws/fixtures/world.ts';
import { type Case, ORDERS, STARTED, tellEarlier } from './case.ts';

/** What AWS tells, late, wrongly or not at all, against what has happened. */
export const claims: Case[] = [
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
