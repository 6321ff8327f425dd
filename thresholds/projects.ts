import type { ObjectiveSet } from './objective.ts';

/** Projects under 100 concurrent users: quick, none lost, none doubled, and races decided. */
const projects: ObjectiveSet = [
  {
    name: 'projects.create.latency.p95',
    where: { name: 'POST /api/projects' },
    percentile: 95,
    below: '500ms',
  },
  { name: 'projects.lost-writes', counter: 'projects_lost', equals: 0, open: 'projects_unread' },
  {
    name: 'projects.duplicated-writes',
    counter: 'projects_duplicated',
    equals: 0,
    open: 'projects_uncounted',
  },
  { name: 'projects.constraints', rate: 'projects_constraint_kept', atLeast: '100%', minSamples: 1 },
  { name: 'projects.races', rate: 'projects_race_decided', atLeast: '100%', minSamples: 1 },
  { name: 'projects.errors', errors: true, below: '0.1%' },
];

export default projects;
