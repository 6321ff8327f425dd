import type { DrillFault, FaultKindName, FaultOf } from '../../faults/index.ts';
import type { ComponentFacts, Identity, ProviderDefinition, RefusedParam } from '../definition.ts';
import { type AwsComponent, awsComponent, type FisForm } from './component.ts';
import { PACE, paceOfExperiment, paceOfShard } from './pace.ts';

export const aws: ProviderDefinition<typeof awsComponent> = {
  component: awsComponent,
  isLocal: false,
  facts(component): ComponentFacts<AwsComponent> {
    const form = formOf(component);
    return {
      form: NAMES[form],
      kinds: KINDS[form],
      refusedParam: (fault) => onlyKill(fault) ?? (component.fis && asFisDoes(component.fis, fault)),
      ...(form in PACE && { pace: () => PACE[form as keyof typeof PACE] }),
      ...(component.elasticache && { pace: () => paceOfShard(component.elasticache?.group ?? '') }),
      ...(component.fis && { pace: (fault) => paceOfExperiment('for' in fault ? fault.for : 0) }),
      identities: KINDS[form].length === 0 ? [] : [identityOf(component)],
      secrets: [],
      withPaths: () => component,
    };
  },
};

const NAMES = {
  instance: 'an RDS instance',
  cluster: 'an RDS cluster',
  shard: 'a shard of ElastiCache',
  service: 'an ECS service',
  subnets: 'subnets under FIS',
  tasks: 'tasks under FIS',
  alarm: 'an alarm of CloudWatch',
  metric: 'a metric of CloudWatch',
  bucket: 'a bucket of S3',
  costs: 'the costs of the account',
} as const;

const KINDS: Readonly<Record<keyof typeof NAMES, readonly FaultKindName[]>> = {
  instance: ['failover'],
  cluster: ['failover'],
  shard: ['failover'],
  service: ['stop'],
  subnets: ['partition'],
  tasks: ['latency'],
  alarm: [],
  metric: [],
  bucket: [],
  costs: [],
};

function formOf({ rds, ecs, fis, cloudwatch, s3, costs }: AwsComponent): keyof typeof NAMES {
  if (costs !== undefined) return 'costs';
  if (s3 !== undefined) return 'bucket';
  if (cloudwatch !== undefined) return cloudwatch.alarm === undefined ? 'metric' : 'alarm';
  if (fis !== undefined) return fis.subnets === undefined ? 'tasks' : 'subnets';
  if (ecs !== undefined) return 'service';
  if (rds === undefined) return 'shard';
  return rds.instance === undefined ? 'cluster' : 'instance';
}

function onlyKill(fault: DrillFault): RefusedParam | undefined {
  if (fault.kind !== 'failover' || fault.params.mode === 'kill') return undefined;
  return {
    path: ['params', 'mode'],
    rule: 'AWS has no orderly switch to a standby that a drill could use',
    fix: 'write `mode: kill`, or leave it out',
  };
}

/** Subnets are cut off by network ACLs, and an agent in the tasks delays what they send. */
export function asFisDoes({ subnets }: FisForm, fault: DrillFault): RefusedParam | undefined {
  if (fault.kind === 'partition' && subnets !== undefined) return onlyBlackhole(fault.params);
  if (fault.kind !== 'latency' || subnets !== undefined || fault.params.direction === 'from')
    return undefined;
  return {
    path: ['params', 'direction'],
    rule: 'FIS delays only what the tasks send, which for their clients is what comes from them',
    fix: 'write `direction: from`',
  };
}

function onlyBlackhole({ mode, direction }: FaultOf<'partition'>['params']): RefusedParam | undefined {
  if (mode === 'blackhole' && direction === 'both') return undefined;
  return {
    path: ['params', mode === 'blackhole' ? 'direction' : 'mode'],
    rule: 'FIS cuts subnets off by network ACLs: packets vanish, in both directions',
    fix: 'write `mode: blackhole` and `direction: both`, or leave them out',
  };
}

function identityOf({ rds, elasticache, ecs, fis }: AwsComponent): Identity {
  if (fis !== undefined) {
    if (fis.tasks !== undefined) {
      const value = `${fis.tasks.cluster}/${fis.tasks.service}`;
      return { what: `tasks of ${value}`, path: ['fis', 'tasks'], value };
    }
    const value = [...(fis.subnets ?? [])].sort().join(', ');
    return { what: `subnets ${value}`, path: ['fis', 'subnets'], value };
  }
  if (ecs !== undefined) {
    const value = `${ecs.cluster}/${ecs.service}`;
    return { what: `service ${value}`, path: ['ecs'], value };
  }
  if (elasticache !== undefined) {
    const value = `${elasticache.group}/${elasticache.shard}`;
    return { what: `shard ${value.toLowerCase()}`, path: ['elasticache'], value };
  }
  const key = rds?.instance === undefined ? 'cluster' : 'instance';
  const value = rds?.[key] ?? '';
  return { what: `${key} ${value.toLowerCase()}`, path: ['rds', key], value };
}
