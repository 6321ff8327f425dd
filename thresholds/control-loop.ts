import type { ObjectiveSet } from './objective.ts';

/**
 * What the target's control loop has repaired by itself over days. A recovery that failed is one of less than 5 %, that is, more
 * than 95 % succeed. All that there were are counted, so that one is enough for a claim. Who is called by an escalation is a
 * person: none in a month that is to pass without one.
 */
const controlLoop: ObjectiveSet = [
  { name: 'soak.recovery-rate', rate: 'control_recovery_failed', below: '5%', minSamples: 1 },
  { name: 'soak.escalations', counter: 'control_escalations', atMost: 9 },
  { name: 'soak.human-interventions', counter: 'control_escalations', equals: 0 },
];

export default controlLoop;
