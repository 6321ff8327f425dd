import type { ObjectiveSet } from './objective.ts';

/** The limits for one beat. The objectives below count the beats outside them. */
export const oneBeat = { shortestMs: 10_000, longestMs: 30_000, announcedWithinMs: 1_000 } as const;

/** Beats queue and do not fail; each takes 10 to 30 s and is announced. */
const beats: ObjectiveSet = [
  { name: 'beats.errors', rate: 'beat_failed', below: '1%', minSamples: 10 },
  { name: 'beats.duration', counter: 'beat_outside_duration', equals: 0 },
  { name: 'beats.notifications.missing', counter: 'beat_unannounced', equals: 0 },
  { name: 'beats.notifications.late', counter: 'beat_announced_late', equals: 0 },
];

export default beats;
