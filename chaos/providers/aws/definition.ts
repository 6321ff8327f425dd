import type { DrillFault } from '../../faults/index.ts';
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
      kinds: form === 'service' ? ['stop'] : ['failover'],
      refusedParam: onlyKill,
      ...(form !== 'service' && { pace: () => PACE[form] }),
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
} as const;

function formOf({ rds, ecs }: AwsComponent): keyof typeof NAMES {
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

function identityOf({ rds, elasticache, ecs }: AwsComponent): Identity {
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
