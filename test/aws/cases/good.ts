import { CLUSTER, INSTANCE, SHARD, SHARDED } from '../../../chaos/providers/aws/fixtures/world.ts';
import { type Case, clusterOf } from './case.ts';

/** Nothing goes wrong. */
export const good: Case[] = [
  { title: 'an instance fails over', form: INSTANCE, result: 'PASS', says: /no request failed/ },
  { title: 'a cluster fails over', form: CLUSTER, result: 'PASS', says: /no request failed/ },
  { title: 'a shard fails over', form: SHARD, result: 'PASS', says: /no request failed/ },
  { title: 'a shard in cluster mode fails over', form: SHARDED, result: 'PASS', says: /no request failed/ },
  ...Object.entries({
    instance: { rds: { instance: 'Projects' } },
    cluster: { rds: { cluster: 'LIBRARY', to: 'Library-B' } },
    shard: { elasticache: { group: 'Feeds', shard: '0002' } },
  }).map(
    ([name, form]): Case => ({
      title: `a name in capitals, which AWS keeps in lower case (${name})`,
      form,
      result: 'PASS',
      says: /no request failed/,
    }),
  ),
  {
    title:
      'a Multi-AZ cluster of three instances fails over, which is no Aurora and has no order of promotion',
    form: CLUSTER,
    before: (s) => {
      clusterOf(s).Engine = 'postgres';
      for (const member of clusterOf(s).DBClusterMembers ?? []) member.PromotionTier = 1;
      for (const one of s.rds.state.instances.slice(1)) one.Engine = 'postgres';
    },
    result: 'PASS',
    says: /no request failed/,
  },
  {
    title: 'a cluster of Aurora Serverless v2 fails over',
    form: CLUSTER,
    before: (s) => {
      for (const one of s.rds.state.instances.slice(1)) one.DBInstanceClass = 'db.serverless';
    },
    result: 'PASS',
    says: /no request failed/,
  },
];
