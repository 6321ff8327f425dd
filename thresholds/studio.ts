import type { ObjectiveSet } from './objective.ts';

/** The projects backend, as seen by users who browse and save. */
const studio: ObjectiveSet = [
  {
    name: 'projects.create.latency.p95',
    where: { name: 'POST /api/projects' },
    percentile: 95,
    below: '500ms',
  },
];

export default studio;
