import type { ObjectiveSet } from './objective.ts';

/**
 * What singers are promised while the vocal coach or the way to it breaks. How long they hear nothing is the outage of the stream of chunks,
 * which a drill measures (`events`); these hold for the whole run.
 */
const vocalUnderFaults: ObjectiveSet = [
  { name: 'vocal.chunk-latency', percentile: 99, below: '100ms', metric: 'vocal_chunk_latency' },
  // A singer is back so long after it last knew that the coach could not be reached.
  {
    name: 'vocal.reconnect.p99',
    percentile: 99,
    below: '2s',
    metric: 'vocal_reconnect',
    phase: 'all',
    minSamples: 50,
  },
  // Answered, or counted as lost with its number. Every singer has reported, or nobody knows.
  {
    name: 'vocal.unaccounted-chunks',
    counter: 'vocal_unaccounted',
    open: 'vocal_singing',
    equals: 0,
    phase: 'all',
  },
  {
    name: 'vocal.duplicated-chunks',
    counter: 'vocal_duplicated',
    open: 'vocal_singing',
    equals: 0,
    phase: 'all',
  },
  { name: 'vocal.pitch', rate: 'vocal_pitch_right', atLeast: '99%', phase: 'all' },
];

export default vocalUnderFaults;
