import type { ObjectiveSet } from './objective.ts';

/** Once the new version is alone, it keeps the golden signals. How busy its machine is: see saturation.ts. */
const postDeploy: ObjectiveSet = [
  { name: 'post-deploy.errors', rate: 'post_deploy_failed', below: '0.1%', phase: 'all' },
  {
    name: 'post-deploy.latency.p95',
    percentile: 95,
    below: '100ms',
    metric: 'post_deploy_duration',
    phase: 'all',
  },
];

export default postDeploy;
