import type { ObjectiveSet } from './objective.ts';

/** The health check as a person would read it: a 200 alone is not enough. */
const health: ObjectiveSet = [
  { name: 'health.empty-payload', counter: 'health_degraded', equals: 0 },
  { name: 'health.slower-than-5s', counter: 'health_outages', equals: 0 },
  { name: 'flapping', counter: 'health_flapping', equals: 0 },
];

export default health;
