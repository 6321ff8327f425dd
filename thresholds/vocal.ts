import type { ObjectiveSet } from './objective.ts';

/** What the coach may use of one processor, on average. */
export const coachCpuShare = 0.8;

/** The vocal coach answers every chunk: once, in order, correctly and in time. */
const vocal: ObjectiveSet = [
  { name: 'vocal.chunk-latency', percentile: 99, below: '100ms', metric: 'vocal_chunk_latency' },
  { name: 'vocal.dropped-chunks', counter: 'vocal_dropped', equals: 0 },
  { name: 'vocal.reordered-chunks', counter: 'vocal_reordered', equals: 0 },
  { name: 'vocal.duplicated-chunks', counter: 'vocal_duplicated', equals: 0 },
  { name: 'vocal.reconnects', counter: 'vocal_reconnects', equals: 0 },
  { name: 'vocal.unreadable-frames', counter: 'vocal_unreadable', equals: 0 },
  { name: 'vocal.pitch', rate: 'vocal_pitch_right', atLeast: '99%' },
  { name: 'vocal.sent-when-due', rate: 'vocal_sent_when_due', atLeast: '99.5%' },
  { name: 'vocal.memory-growth', counter: 'memory_trend_up', equals: 0 },
  { name: 'vocal.cpu', counter: 'cpu_average_above_limit', equals: 0 },
];

export default vocal;
