import type { UseWatch } from '../../provider.ts';
import type { AwsComponent } from './component.ts';

/**
 * What uses something on AWS cannot be seen from here in time: CloudWatch counts connections once a minute and tells of it a minute or
 * more later, and a connection is no request. Whether the load noticed the fault is what counts.
 */
export function cannotTell({ ecs, fis }: AwsComponent): UseWatch {
  const why = ecs
    ? 'ECS does not know what goes to a task'
    : fis
      ? 'FIS does not know what goes through a subnet'
      : 'CloudWatch knows the connections of a minute, a minute later';
  return {
    async between(targets) {
      const names = targets.map(({ label }) => label).join(', ');
      return { inUse: null, seen: [`what uses ${names} cannot be told: ${why}`] };
    },
    async close() {},
  };
}
