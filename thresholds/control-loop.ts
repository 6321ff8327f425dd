import type { ObjectiveSet } from './objective.ts';

/**
 * What the target's control loop repairs by itself over days. Fewer than 5 % of recoveries fail. All of them are counted, so one
 * recovery is enough to judge. An escalation calls a person; a month that has to pass unattended may have none.
 */
const controlLoop: ObjectiveSet = [
  { name: 'soak.recovery-rate', rate: 'control_recovery_failed', below: '5%', minSamples: 1 },
  { name: 'soak.escalations', counter: 'control_escalations', atMost: 9 },
  { name: 'soak.human-interventions', counter: 'control_escalations', equals: 0 },
];

export default controlLoop;
