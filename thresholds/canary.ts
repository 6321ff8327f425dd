import type { ObjectiveSet } from './objective.ts';

/**
 * The new version beside the old one, under the same load at the same time: latencies at most twice as long, and at most one more
 * failed request in a hundred. Ratios of green to blue.
 */
const ratio = (signal: 'p50' | 'p95' | 'p99') =>
  ({ name: `canary.${signal}-ratio`, counter: 'canary_ratio', where: { signal }, atMost: 2 }) as const;

/** The objectives of each version on its own, as the gateway has them for all versions together. */
export const ofVersion = (version: string): ObjectiveSet => {
  const where = { version };
  return [
    { name: `canary.${version}.p95`, where, percentile: 95, below: '100ms', metric: 'version_duration' },
    { name: `canary.${version}.p99`, where, percentile: 99, below: '200ms', metric: 'version_duration' },
    { name: `canary.${version}.failed`, where, counter: 'version_failed', equals: 0 },
  ];
};

const canary: ObjectiveSet = [
  ratio('p50'),
  ratio('p95'),
  ratio('p99'),
  { name: 'canary.extra-errors', counter: 'canary_extra_errors', atMost: 0.01 },
];

export default canary;
