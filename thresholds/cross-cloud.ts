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
    // Requests that took 30 s or more. A percentile of five samples lies between the two longest: 31 s beside 1 s would pass.
    counter: 'cross_cloud_ai_late',
    equals: 0,
    minSamples: 5,
  },
  { name: 'cross-cloud.errors', errors: true, below: '0.1%', minSamples: 100 },
];

export default crossCloud;
