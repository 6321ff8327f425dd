import type { ObjectiveSet } from './objective.ts';

/** Nobody notices that versions change. */
const deployment: ObjectiveSet = [
  { name: 'rolling-update.failed-requests', counter: 'failed_requests', equals: 0 },
  { name: 'gateway.latency.p95', where: { name: 'GET /health' }, percentile: 95, below: '100ms' },
  { name: 'gateway.latency.p99', where: { name: 'GET /health' }, percentile: 99, below: '200ms' },
];

export default deployment;
