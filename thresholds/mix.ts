import type { ObjectiveSet } from './objective.ts';

/** Browsing, saving and beats side by side: each meets its own target. */
const mix: ObjectiveSet = [
  { name: 'mix.errors', errors: true, below: '0.1%' },
  { name: 'mix.browse.latency.p95', where: { name: 'GET /api/projects' }, percentile: 95, below: '100ms' },
  {
    name: 'projects.create.latency.p95',
    where: { name: 'POST /api/projects' },
    percentile: 95,
    below: '500ms',
  },
  {
    name: 'mix.order-beat.latency.p95',
    where: { name: 'POST /api/ai/generate-beat' },
    percentile: 95,
    below: '500ms',
    minSamples: 20,
  },
  // An order is answered at once; no request shows whether the beat then fails.
  { name: 'beats.errors', rate: 'beat_failed', below: '1%', minSamples: 20 },
];

export default mix;
