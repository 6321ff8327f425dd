import type { ObjectiveSet } from './objective.ts';

/** A bad version is gone in time (ROLLBACK_WITHIN, 5 min), and from then on the old one alone answers, every request. */
const rollback: ObjectiveSet = [
  { name: 'automatic-rollback.late', counter: 'rollback_late', equals: 0, phase: 'all' },
  { name: 'automatic-rollback.failed-after', counter: 'rollback_failed_after', equals: 0, phase: 'all' },
];

export default rollback;
