import { exportsOf } from '../../../exports-of.ts';
import { codeOf } from '../errors.ts';
import { type AwsEvent, type ClientParts, everyPage, toEvents } from './parts.ts';

/** One shard (AWS: node group) of a replication group. */
export interface Shard {
  readonly group: string;
  readonly arn: string;
  readonly groupStatus: string;
  readonly automaticFailover: string;
  readonly engine: string;
  readonly id: string;
  readonly status: string;
  readonly nodes: readonly CacheNode[];
}

export interface CacheNode {
  /** Its cache cluster, e.g. `sessions-001`: what events name. */
  readonly id: string;
  /** Undefined in cluster mode: AWS does not say. */
  readonly role: 'primary' | 'replica' | undefined;
  readonly zone: string;
}

export interface CacheCalls {
  /** Undefined when there is no such group; a shard that it lacks is refused by the caller. */
  group(id: string, signal: AbortSignal): Promise<{ readonly shards: readonly Shard[] } | undefined>;
  /** Of all groups of the account and region in the last minutes, by AWS's own clock. */
  events(minutes: number, signal: AbortSignal): Promise<readonly AwsEvent[]>;
  /** An order: sent once, whatever becomes of it. Errors are AWS's own. */
  failOverShard(group: string, shard: string, signal: AbortSignal): Promise<void>;
}

/** Loads the client of ElastiCache. */
export async function cacheCalls(parts: ClientParts): Promise<CacheCalls> {
  const sdk = exportsOf(await import('@aws-sdk/client-elasticache'));
  const client = new sdk.ElastiCacheClient(parts.optionsFor(false));
  parts.watch(client);
  return {
    async group(id, signal) {
      try {
        const found = await client.send(
          new sdk.DescribeReplicationGroupsCommand({ ReplicationGroupId: id }),
          { abortSignal: signal },
        );
        const one = found.ReplicationGroups?.[0];
        return one && { shards: toShards(one) };
      } catch (cause) {
        if (codeOf(cause)?.startsWith('ReplicationGroupNotFound')) return undefined;
        throw parts.explain(cause, 'elasticache:DescribeReplicationGroups');
      }
    },
    async events(minutes, signal) {
      return toEvents(
        await everyPage(async (Marker) => {
          try {
            const found = await client.send(
              new sdk.DescribeEventsCommand({
                Duration: minutes,
                MaxRecords: 100,
                ...(Marker !== undefined && { Marker }),
              }),
              { abortSignal: signal },
            );
            return { items: found.Events ?? [], marker: found.Marker };
          } catch (cause) {
            throw parts.explain(cause, 'elasticache:DescribeEvents');
          }
        }),
      );
    },
    async failOverShard(ReplicationGroupId, NodeGroupId, signal) {
      const one = new sdk.ElastiCacheClient(parts.optionsFor(true));
      parts.watch(one);
      try {
        await one.send(new sdk.TestFailoverCommand({ ReplicationGroupId, NodeGroupId }), {
          abortSignal: signal,
        });
      } finally {
        one.destroy();
      }
    },
  };
}

function toShards(one: import('@aws-sdk/client-elasticache').ReplicationGroup): Shard[] {
  const group = one.ReplicationGroupId ?? '';
  return (one.NodeGroups ?? []).map((shard) => ({
    group,
    arn: one.ARN ?? '',
    groupStatus: one.Status ?? 'unknown',
    automaticFailover: one.AutomaticFailover ?? 'unknown',
    engine: one.Engine ?? 'redis',
    id: shard.NodeGroupId ?? '',
    status: shard.Status ?? 'unknown',
    nodes: (shard.NodeGroupMembers ?? []).map((node) => ({
      id: node.CacheClusterId ?? '',
      role:
        node.CurrentRole === 'primary' ? 'primary' : node.CurrentRole === 'replica' ? 'replica' : undefined,
      zone: node.PreferredAvailabilityZone ?? 'unknown',
    })),
  }));
}
