import type { UseWatch } from '../../provider.ts';
import type { AwsComponent } from './component.ts';

/**
 * What uses something on AWS cannot be seen from here in time: CloudWatch counts connections once a minute and tells of it a minute or
 * more later, and a connection is no request. Whether the load noticed the fault is what counts.
 */
export function cannotTell({ ecs }: AwsComponent): UseWatch {
  const why =
    ecs === undefined
      ? 'CloudWatch knows the connections of a minute, a minute later'
      : 'ECS does not know what goes to a task';
  return {
    async between(targets) {
      const names = targets.map(({ label }) => label).join(', ');
      return { inUse: null, seen: [`what uses ${names} cannot be told: ${why}`] };
    },
    async close() {},
  };
}
