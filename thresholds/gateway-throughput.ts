import type { ObjectiveSet } from './objective.ts';

/** Not in gateway.ts, because only a load of more than 1000 requests a second can meet or miss it. */
const gatewayThroughput: ObjectiveSet = [{ name: 'gateway.throughput', throughput: true, atLeast: '1000/s' }];

export default gatewayThroughput;
