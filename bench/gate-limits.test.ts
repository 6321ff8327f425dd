import { expect, test } from 'vitest';
import { estimatesOf, shareFound } from './gate-limits.ts';
import { session } from './gate-noise.ts';

test('a difference is found when it lies beyond the scatter of the estimate, and matters', () => {
  const scatter = Array.from({ length: 200 }, (_, i) => (i - 99.5) / 1_000);
  const found = (added: number, smallest = 0) => shareFound(scatter, { added, smallest });
  expect(found(0)).toBeLessThanOrEqual(0.01);
  expect(found(0.1)).toBeCloseTo(0.5, 1);
  expect(found(0.3)).toBe(1);
  expect(found(0.3, 0.3)).toBeCloseTo(0.5, 1);
});

test('a factor on all durations adds its logarithm to each estimate', () => {
  const [plain, slower] = [{}, { factor: 1.2 }].map((harm) => estimatesOf(session('GC pauses', harm, 7)));
  for (const which of ['pairs', 'all', 'half'] as const)
    expect(Number(slower?.[which]) - Number(plain?.[which])).toBeCloseTo(Math.log(1.2), 9);
});
