import type { ObjectiveSet } from './objective.ts';

/** A session that a login has acknowledged stays the same, even through a failover of its store. No answer does not mean lost. */
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
