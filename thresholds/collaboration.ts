import type { ObjectiveSet } from './objective.ts';

/** People who change the same thing at the same time see each other's changes soon, and all of them: once and in order. */
const collaboration: ObjectiveSet = [
  { name: 'collaboration.visible', percentile: 95, below: '1s', metric: 'shared_visible' },
  { name: 'collaboration.lost', counter: 'shared_lost', open: 'shared_members', equals: 0 },
  { name: 'collaboration.repeated', counter: 'shared_repeated', open: 'shared_members', equals: 0 },
  { name: 'collaboration.reordered', counter: 'shared_reordered', open: 'shared_members', equals: 0 },
  // Of two writes that did not know of each other the last one wins, and both authors are told.
  { name: 'collaboration.untold-conflicts', counter: 'shared_untold', open: 'shared_members', equals: 0 },
  { name: 'collaboration.last-write-lost', counter: 'shared_last_lost', open: 'shared_members', equals: 0 },
];

export default collaboration;
