import { exportsOf } from '../../../exports-of.ts';
import { codeOf } from '../errors.ts';
import { type AwsEvent, type ClientParts, everyPage, toEvents } from './parts.ts';

/** A Multi-AZ instance, as DescribeDBInstances names it. */
export interface DbInstance {
  readonly id: string;
  readonly arn: string;
  /** Never given to another instance, unlike its name. */
  readonly resourceId: string;
  readonly status: string;
  readonly isMultiAz: boolean;
  readonly zone: string;
  readonly standbyZone: string | undefined;
  readonly cluster: string | undefined;
  readonly pending: readonly string[];
  /** e.g. `db.m6g.large, postgres 16.4`. */
  readonly what: string;
}

export interface DbCluster {
  readonly id: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly status: string;
  readonly what: string;
  readonly members: readonly DbMember[];
}

export interface DbMember {
  readonly instance: string;
  readonly isWriter: boolean;
  /** A lower one is promoted first. */
  readonly tier: number;
}

export interface RdsCalls {
  /** Undefined when there is none of this name. */
  instance(id: string, signal: AbortSignal): Promise<DbInstance | undefined>;
  /** Those of a cluster, with their zones and states. */
  members(cluster: string, signal: AbortSignal): Promise<readonly DbInstance[]>;
  cluster(id: string, signal: AbortSignal): Promise<DbCluster | undefined>;
  /** Of the last minutes, by AWS's own clock. */
  events(
    of: { readonly instance: string } | { readonly cluster: string },
    minutes: number,
    signal: AbortSignal,
  ): Promise<readonly AwsEvent[]>;
  /** An order: sent once, whatever becomes of it. Errors are AWS's own. */
  failOverInstance(id: string, signal: AbortSignal): Promise<void>;
  failOverCluster(id: string, to: string, signal: AbortSignal): Promise<void>;
}

/** Loads the client of RDS. */
export async function rdsCalls(parts: ClientParts): Promise<RdsCalls> {
  const sdk = exportsOf(await import('@aws-sdk/client-rds'));
  const client = new sdk.RDSClient(parts.optionsFor(false));
  parts.watch(client);

  return {
    async instance(id, signal) {
      const found = await read(
        'rds:DescribeDBInstances',
        () =>
          client.send(new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier: id }), {
            abortSignal: signal,
          }),
        'DBInstanceNotFound',
      );
      const one = found?.DBInstances?.[0];
      return one && toInstance(one);
    },
    async members(cluster, signal) {
      const Filters = [{ Name: 'db-cluster-id', Values: [cluster] }];
      const found = await read('rds:DescribeDBInstances', () =>
        client.send(new sdk.DescribeDBInstancesCommand({ Filters }), { abortSignal: signal }),
      );
      return (found?.DBInstances ?? []).map(toInstance);
    },
    async cluster(id, signal) {
      const found = await read(
        'rds:DescribeDBClusters',
        () =>
          client.send(new sdk.DescribeDBClustersCommand({ DBClusterIdentifier: id }), {
            abortSignal: signal,
          }),
        'DBClusterNotFound',
      );
      const one = found?.DBClusters?.[0];
      return one && toCluster(one);
    },
    async events(of, minutes, signal) {
      const [SourceType, SourceIdentifier] =
        'instance' in of ? (['db-instance', of.instance] as const) : (['db-cluster', of.cluster] as const);
      return toEvents(
        await everyPage(async (Marker) => {
          const found = await read('rds:DescribeEvents', () =>
            client.send(
              new sdk.DescribeEventsCommand({
                SourceType,
                SourceIdentifier,
                Duration: minutes,
                ...(Marker !== undefined && { Marker }),
              }),
              { abortSignal: signal },
            ),
          );
          return { items: found?.Events ?? [], marker: found?.Marker };
        }),
      );
    },
    async failOverInstance(id, signal) {
      const command = new sdk.RebootDBInstanceCommand({ DBInstanceIdentifier: id, ForceFailover: true });
      await order((one) => one.send(command, { abortSignal: signal }));
    },
    async failOverCluster(id, to, signal) {
      const command = new sdk.FailoverDBClusterCommand({
        DBClusterIdentifier: id,
        TargetDBInstanceIdentifier: to,
      });
      await order((one) => one.send(command, { abortSignal: signal }));
    },
  };

  async function read<T>(doing: string, send: () => Promise<T>, missing?: string): Promise<T | undefined> {
    try {
      return await send();
    } catch (cause) {
      if (missing !== undefined && codeOf(cause)?.startsWith(missing)) return undefined;
      throw parts.explain(cause, doing);
    }
  }

  /** By a client of its own, which never tries again. */
  async function order(
    send: (one: import('@aws-sdk/client-rds').RDSClient) => Promise<unknown>,
  ): Promise<void> {
    const one = new sdk.RDSClient(parts.optionsFor(true));
    parts.watch(one);
    try {
      await send(one);
    } finally {
      one.destroy();
    }
  }
}

function toInstance(one: import('@aws-sdk/client-rds').DBInstance): DbInstance {
  const id = one.DBInstanceIdentifier ?? '';
  return {
    id,
    arn: one.DBInstanceArn ?? '',
    resourceId: one.DbiResourceId ?? id,
    status: one.DBInstanceStatus ?? 'unknown',
    isMultiAz: one.MultiAZ ?? false,
    zone: one.AvailabilityZone ?? 'unknown',
    standbyZone: one.SecondaryAvailabilityZone,
    cluster: one.DBClusterIdentifier,
    pending: Object.entries(one.PendingModifiedValues ?? {})
      .filter(([, value]) => value !== undefined)
      .map(([name]) => name),
    what: [one.DBInstanceClass, [one.Engine, one.EngineVersion].filter(Boolean).join(' ')]
      .filter(Boolean)
      .join(', '),
  };
}

function toCluster(one: import('@aws-sdk/client-rds').DBCluster): DbCluster {
  const id = one.DBClusterIdentifier ?? '';
  return {
    id,
    arn: one.DBClusterArn ?? '',
    resourceId: one.DbClusterResourceId ?? id,
    status: one.Status ?? 'unknown',
    what: [one.Engine, one.EngineVersion].filter(Boolean).join(' '),
    members: (one.DBClusterMembers ?? []).map((member) => ({
      instance: member.DBInstanceIdentifier ?? '',
      isWriter: member.IsClusterWriter ?? false,
      tier: member.PromotionTier ?? 1,
    })),
  };
}
