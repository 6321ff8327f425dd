import type { DrillFault, FaultKindName } from '../../faults/index.ts';
import type { ComponentFacts, Identity, ProviderDefinition, RefusedParam } from '../definition.ts';
import { type AwsComponent, awsComponent } from './component.ts';
import { PACE } from './pace.ts';

export const aws: ProviderDefinition<typeof awsComponent> = {
  component: awsComponent,
  isLocal: false,
  facts(component): ComponentFacts<AwsComponent> {
    const form = formOf(component);
    return {
      form: NAMES[form],
      kinds: KINDS[form],
      refusedParam: (fault) => onlyKill(fault) ?? onlyBlackhole(fault),
      ...(form in PACE && { pace: () => PACE[form as keyof typeof PACE] }),
      identities: [identityOf(component)],
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
} as const;

const KINDS: Readonly<Record<keyof typeof NAMES, readonly FaultKindName[]>> = {
  instance: ['failover'],
  cluster: ['failover'],
  shard: ['failover'],
  service: ['stop'],
  subnets: ['partition'],
};

function formOf({ rds, ecs, fis }: AwsComponent): keyof typeof NAMES {
  if (fis !== undefined) return 'subnets';
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

/** FIS cuts subnets off by network ACLs: packets vanish, in both directions. */
export function onlyBlackhole(fault: DrillFault): RefusedParam | undefined {
  if (fault.kind !== 'partition') return undefined;
  const { mode, direction } = fault.params;
  if (mode === 'blackhole' && direction === 'both') return undefined;
  return {
    path: ['params', mode === 'blackhole' ? 'direction' : 'mode'],
    rule: 'FIS cuts subnets off by network ACLs: packets vanish, in both directions',
    fix: 'write `mode: blackhole` and `direction: both`, or leave them out',
  };
}

function identityOf({ rds, elasticache, ecs, fis }: AwsComponent): Identity {
  if (fis !== undefined) {
    const value = [...fis.subnets].sort().join(', ');
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
