import fc from 'fast-check';
import { expect, test } from 'vitest';
import { slotOrder, startOrder } from './slot-order.ts';

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

test.each([
  [0, 2_000, 0],
  [1, 2_000, 2],
  [8_000, 2_000, 4],
  [10_000, 2_000, 6],
  [10_000, 1_000, 10],
])(
  'a warm-up of %i ms in slots of %i ms is %i slots, and changes nothing of those after it',
  (warmUp, length, slots) => {
    const found = startOrder({ warmUp, length }, 20, 7);
    expect(found.warmUp).toBe(slots);
    expect(found.order.slice(slots)).toEqual(slotOrder(20, 7));
    const warming = found.order.slice(0, slots);
    expect(warming.filter((side) => side === 'baseline')).toHaveLength(slots / 2);
  },
);
