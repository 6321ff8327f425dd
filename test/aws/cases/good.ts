import { CLUSTER, INSTANCE, SHARD, SHARDED } from '../../../chaos/providers/aws/fixtures/world.ts';
import type { Case } from './case.ts';

/** Nothing goes wrong. */
export const good: Case[] = [
  { title: 'an instance fails over', form: INSTANCE, result: 'PASS', says: /no request failed/ },
  { title: 'a cluster fails over', form: CLUSTER, result: 'PASS', says: /no request failed/ },
  { title: 'a shard fails over', form: SHARD, result: 'PASS', says: /no request failed/ },
  { title: 'a shard in cluster mode fails over', form: SHARDED, result: 'PASS', says: /no request failed/ },
];
