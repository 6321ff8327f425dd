import { BROKEN, DENIED, EXPIRED, THROTTLED } from '../../../chaos/providers/aws/fixtures/trouble.ts';
import { CLUSTER, INSTANCE, SHARD, SHARDED } from '../../../chaos/providers/aws/fixtures/world.ts';
import type { Told } from '../one-fault.ts';
import { type Case, ORDERS } from './case.ts';

/** What happens to an order, on its way and at AWS. */
export const orders: Case[] = [
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

function order(what: string, result: Told['result'], says: RegExp, fault: typeof THROTTLED): Case {
  return {
    title: `an order that is ${what}`,
    form: INSTANCE,
    before: (s) => s.troubles.add({ action: ORDERS.instance, trouble: { does: 'refuse', fault } }),
    result,
    says,
  };
}
