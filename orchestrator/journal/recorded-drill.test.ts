import { expect, test } from 'vitest';
import { recordedObjective } from './recorded-drill.ts';

test('a run of an older squall can still be read, which took 0.95 for a percentile', () => {
  const objective = { name: 'fast', percentile: 0.95, below: '300ms' };
  expect(recordedObjective.parse(objective)).toEqual(objective);
  expect(recordedObjective.safeParse({ ...objective, percentile: 'p95' }).success).toBe(false);
});
