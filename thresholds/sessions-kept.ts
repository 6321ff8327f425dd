import type { ObjectiveSet } from './objective.ts';

/**
 * Sessions that were opened all through a failover, each read back afterwards by its id. `open` counts those that nobody could read back
 * in time: of them nobody knows, and the objective is INVALID.
 */
const sessionsKept: ObjectiveSet = [
  {
    name: 'redis.failover.sessions-kept',
    counter: 'kept_sessions_lost',
    open: 'kept_sessions_unread',
    equals: 0,
    phase: 'all',
    minSamples: 200,
  },
];

export default sessionsKept;
