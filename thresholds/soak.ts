import type { ObjectiveSet } from './objective.ts';

/** What a service may use, and how much it may grow over the whole time. The objectives below count the services beyond. */
export const limits = { memoryMb: 2_000, memoryGrowth: 0.1, cpuShare: 0.2 } as const;

/** Days of use: memory neither large nor growing, processor mostly idle, no errors. */
const soak: ObjectiveSet = [
  { name: 'soak.memory-trend', counter: 'memory_trend_up', equals: 0 },
  { name: 'soak.memory', counter: 'memory_above_limit', equals: 0 },
  { name: 'soak.cpu-average', counter: 'cpu_average_above_limit', equals: 0 },
  { name: 'soak.errors', errors: true, below: '0.1%' },
];

export default soak;
