import type { ObjectiveSet } from './objective.ts';

/** Apart from gateway.ts, because only a load of more than 1000 requests a second can keep or break it. */
const gatewayThroughput: ObjectiveSet = [{ name: 'gateway.throughput', throughput: true, atLeast: '1000/s' }];

export default gatewayThroughput;
