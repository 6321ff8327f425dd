import { expect, test } from 'vitest';
import { createRetryBudget } from './retry-budget.ts';

test('a burst of retries is granted, then one for five requests', () => {
  const budget = createRetryBudget();
  const burst = Array.from({ length: 1_000 }, () => budget.take()).filter(Boolean).length;
  const later = Array.from({ length: 1_000 }, () => {
    budget.earn();
    return budget.take();
  }).filter(Boolean).length;
  expect(burst).toBe(200);
  expect(later).toBeGreaterThanOrEqual(199);
  expect(later).toBeLessThanOrEqual(200);
});
