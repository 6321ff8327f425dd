import type { ObjectiveSet } from './objective.ts';

/** The gateway's golden signals. They hold at any rate; the throughput has a set of its own. */
const gateway: ObjectiveSet = [
  { name: 'gateway.latency.p50', where: { name: 'GET /health' }, percentile: 50, below: '20ms' },
  { name: 'gateway.latency.p95', where: { name: 'GET /health' }, percentile: 95, below: '100ms' },
  { name: 'gateway.latency.p99', where: { name: 'GET /health' }, percentile: 99, below: '200ms' },
  { name: 'gateway.errors', errors: true, below: '0.1%' },
  { name: 'gateway.availability', availability: true, atLeast: '99.9%', window: '30d' },
];

export default gateway;
