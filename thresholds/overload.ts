import type { ObjectiveSet } from './objective.ts';

/**
 * More requests than the gateway can carry: what is too much is refused at once, the rest is served as fast as ever, and 10 s after the
 * end everybody is. The shares are for twice the capacity.
 */
const overload: ObjectiveSet = [
  {
    name: 'gateway.overload.accepted',
    percentile: 95,
    below: '100ms',
    metric: 'overload_accepted',
    phase: 'all',
  },
  {
    name: 'gateway.overload.refused',
    percentile: 95,
    below: '200ms',
    metric: 'overload_refused',
    phase: 'all',
  },
  // Served, or refused with 429 or 503: nothing breaks or hangs.
  { name: 'gateway.overload.answered', rate: 'overload_answered', atLeast: '99.9%', phase: 'all' },
  // A gateway that refuses everybody is no less overloaded.
  { name: 'gateway.overload.served', rate: 'overload_served', atLeast: '40%', phase: 'all' },
  { name: 'gateway.overload.after', rate: 'overload_after', atLeast: '99.9%', phase: 'all' },
];

export default overload;
