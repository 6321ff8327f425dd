import fc from 'fast-check';
import { expect, test } from 'vitest';
import { slotOrder } from './slot-order.ts';

test('each pair has both sides, of four pairs two begin with the baseline, and the seed decides', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer(), (pairs, seed) => {
      const order = slotOrder(pairs, seed);
      expect(order).toEqual(slotOrder(pairs, seed));
      expect(order).toHaveLength(2 * pairs);
      for (let i = 0; i < order.length; i += 2)
        expect([...order.slice(i, i + 2)].sort()).toEqual(['baseline', 'candidate']);
      for (let i = 0; i + 8 <= order.length; i += 8)
        expect([0, 2, 4, 6].filter((k) => order[i + k] === 'baseline')).toHaveLength(2);
    }),
  );
});

test('another seed has another order', () => {
  const orders = new Set(Array.from({ length: 20 }, (_, seed) => slotOrder(25, seed).join()));
  expect(orders.size).toBe(20);
});
