import type { ObjectiveSet } from './objective.ts';

/** A rate holds if a step at that rate stays within these limits, which are the gateway's. */
export const step = { p95Ms: 100, p99Ms: 200, errorShare: 0.001 } as const;

/** The rate that the gateway must carry, in requests a second. */
export const leastRate = 1_000;

/** The highest rate that holds is at least the one that the gateway must carry. */
const breakpoint: ObjectiveSet = [
  { name: 'gateway.throughput', counter: 'breakpoint_rate', atLeast: leastRate },
];

export default breakpoint;
