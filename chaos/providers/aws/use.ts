import type { UseWatch } from '../../provider.ts';

/**
 * What uses a managed database cannot be seen from here in time: CloudWatch counts connections once a minute and tells of it a minute or
 * more later, and a connection is no request. Whether the load noticed the fault is what counts.
 */
export const cannotTell: UseWatch = {
  async between(targets) {
    const names = targets.map(({ label }) => label).join(', ');
    return {
      inUse: null,
      seen: [
        `what uses ${names} cannot be told: CloudWatch knows the connections of a minute, a minute later`,
      ],
    };
  },
  async close() {},
};
