import type { ObjectiveSet } from './objective.ts';

/** A rate holds while a step at it keeps these, which are the gateway's. */
export const step = { p95Ms: 100, p99Ms: 200, errorShare: 0.001 } as const;

/** What the gateway promises, in requests a second. */
export const leastRate = 1_000;

/** The largest rate that holds is at least what the gateway promises. */
const breakpoint: ObjectiveSet = [
  { name: 'gateway.throughput', counter: 'breakpoint_rate', atLeast: leastRate },
];

export default breakpoint;
