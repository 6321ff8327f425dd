import type { ObjectiveSet } from './objective.ts';

/** A session that a login has acknowledged stays what it was, a failover of its store included. Not to answer is not to lose. */
const sessions: ObjectiveSet = [
  {
    name: 'redis.failover.sessions-lost',
    counter: 'sessions_lost',
    equals: 0,
    phase: 'all',
    minSamples: 100,
  },
];

export default sessions;
