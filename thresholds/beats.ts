import type { ObjectiveSet } from './objective.ts';

/** What one beat is held to: a sum of those outside is an objective below. */
export const oneBeat = { shortestMs: 10_000, longestMs: 30_000, announcedWithinMs: 1_000 } as const;

/** Beats queue, they do not fail; each takes 10 to 30 s, and a notification follows each. */
const beats: ObjectiveSet = [
  { name: 'beats.errors', rate: 'beat_failed', below: '1%', minSamples: 10 },
  { name: 'beats.duration', counter: 'beat_outside_duration', equals: 0 },
  { name: 'beats.notifications.missing', counter: 'beat_unannounced', equals: 0 },
  { name: 'beats.notifications.late', counter: 'beat_announced_late', equals: 0 },
];

export default beats;
