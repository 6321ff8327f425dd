import type { ObjectiveSet } from './objective.ts';

/** The limits for one beat. The objectives below count the beats outside them. */
export const oneBeat = { shortestMs: 10_000, longestMs: 30_000, announcedWithinMs: 1_000 } as const;

/** Beats queue and do not fail; each takes 10 to 30 s, is announced, and can be fetched afterwards. */
const beats: ObjectiveSet = [
  { name: 'beats.errors', rate: 'beat_failed', below: '1%', minSamples: 10 },
  { name: 'beats.duration', counter: 'beat_outside_duration', equals: 0 },
  { name: 'beats.notifications.missing', counter: 'beat_unannounced', equals: 0 },
  { name: 'beats.notifications.late', counter: 'beat_announced_late', equals: 0 },
  { name: 'beats.stored', counter: 'audio_not_stored', equals: 0 },
  { name: 's3.upload', counter: 'audio_changed', equals: 0 },
  { name: 's3.signed-url', counter: 'audio_signature_ignored', equals: 0 },
  { name: 'beats.memory-growth', counter: 'memory_trend_up', equals: 0 },
];

export default beats;
