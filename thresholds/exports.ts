import type { ObjectiveSet } from './objective.ts';

/** Many exports at once queue, say how far they are, and leave audio; none fails. */
const exportSet: ObjectiveSet = [
  { name: 'exports.failed', counter: 'export_failed', equals: 0 },
  { name: 'exports.progress', counter: 'export_without_progress', equals: 0 },
  { name: 'exports.stored', counter: 'audio_not_stored', equals: 0 },
];

export default exportSet;
