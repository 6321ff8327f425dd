import type { ObjectiveSet } from './objective.ts';

/** Who saw one version only has watched no change: with fewer than two samples, one for each version, it is INVALID, and nothing passes. */
const deploymentEvidence: ObjectiveSet = [
  { name: 'deployment.evidence', counter: 'versions_seen', atLeast: 2, minSamples: 2, phase: 'all' },
];

export default deploymentEvidence;
