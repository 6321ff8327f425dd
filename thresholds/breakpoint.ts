import type { ObjectiveSet } from './objective.ts';

/** The largest rate that holds is at least what the gateway promises. */
const breakpoint: ObjectiveSet = [{ name: 'gateway.throughput', counter: 'breakpoint_rate', atLeast: 1000 }];

export default breakpoint;
