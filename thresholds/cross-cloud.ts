import type { ObjectiveSet } from './objective.ts';

/** Through the gateway to the other cloud. */
const crossCloud: ObjectiveSet = [
  {
    name: 'cross-cloud.latency.p95',
    where: { name: 'GET /api/projects' },
    percentile: 95,
    below: '100ms',
    minSamples: 100,
  },
  {
    name: 'cross-cloud.link.p95',
    percentile: 95,
    below: '100ms',
    metric: 'cross_cloud_link',
    minSamples: 100,
  },
  {
    name: 'cross-cloud.ai-request',
    where: { name: 'POST /api/ai/chat' },
    percentile: 99,
    below: '30s',
    minSamples: 5,
  },
  { name: 'cross-cloud.errors', errors: true, below: '0.1%', minSamples: 100 },
];

export default crossCloud;
