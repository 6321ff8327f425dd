import { ProviderError } from '../../../prepared-fault.ts';
import { stillThere } from '../processes/find-processes.ts';
import { preparePostgresFailover, resolvePostgres } from './failover-postgres.ts';
import { prepareRedisFailover, resolveRedis } from './failover-redis.ts';
import { localFault } from './kind.ts';

export const failover = localFault('failover', {
  hits: ['postgres', 'redis'],
  resolve({ componentName, component: { postgres, redis } }, signal) {
    if (postgres) return resolvePostgres(componentName, postgres.nodes, signal);
    if (redis) return resolveRedis(componentName, redis, signal);
    throw new ProviderError(`component ${componentName} is not a data store`);
  },
  prepare({ fault: { params }, targets, componentName, component: { postgres, redis } }) {
    const [target] = stillThere(targets);
    const { mode } = params;
    if (target && postgres) return preparePostgresFailover({ nodes: postgres.nodes, target, mode });
    if (target && redis) return prepareRedisFailover({ redis, target, mode });
    throw new ProviderError(`component ${componentName} is not a data store`);
  },
});
