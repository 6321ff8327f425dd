import { expect, test } from 'vitest';
import { harrellDavis } from './harrell-davis.ts';
import { seededRandom } from './random.ts';

test('the median of three has the weights of the beta distribution with 2 and 2: 7, 13 and 7 of 27', () => {
  const { first, weights } = harrellDavis(3, 0.5);
  expect(first).toBe(0);
  expect(Array.from(weights)).toEqual([7 / 27, 13 / 27, 7 / 27].map((one) => expect.closeTo(one, 14)));
});

test('the weights add up to one, and lie around the rank', () => {
  for (const n of [1, 2, 5, 100, 450, 3_000])
    for (const share of [0.01, 0.5, 0.95, 0.99]) {
      const { first, weights } = harrellDavis(n, share);
      const sum = weights.reduce((total, weight) => total + weight, 0);
      expect([n, share, sum]).toEqual([n, share, expect.closeTo(1, 10)]);
      expect(first + weights.length).toBeLessThanOrEqual(n);
      if (n < 100) continue;
      const mean = weights.reduce((total, weight, i) => total + weight * (first + i + 0.5), 0);
      expect([n, share, mean / n]).toEqual([n, share, expect.closeTo(share, 2)]);
    }
});

test('where p99 lies between fast and slow requests it moves little by little, and does not jump', () => {
  const random = seededRandom(4);
  const p99 = (slow: number) => {
    const values = Array.from({ length: 450 }, (_, i) => (i < slow ? 20 : 1) + random() / 100).sort(
      (a, b) => a - b,
    );
    const { first, weights } = harrellDavis(450, 0.99);
    return weights.reduce((sum, weight, i) => sum + weight * (values[first + i] as number), 0);
  };
  const steps = Array.from({ length: 9 }, (_, slow) => p99(slow + 1) - p99(slow));
  // From 1 to 20 ms; the nearest rank jumps once, by 19.
  for (const step of steps) expect(step).toBeLessThan(5);
  expect(p99(0)).toBeLessThan(1.1);
  expect(p99(9)).toBeGreaterThan(18);
});
