import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextRate, type Probe } from './search-rate.ts';

const plan = { from: 50, max: 100_000, precision: 0.05 };

function search(limit: number, from = plan.from) {
  const tried: Probe[] = [];
  for (let i = 0; i < 60; i += 1) {
    const { next, holds, breaks } = nextRate(tried, { ...plan, from });
    if (next === null) return { holds, breaks, tried };
    tried.push({ rate: next, broke: next > limit ? 'target' : null, detail: '' });
  }
  throw new Error('does not end');
}

test('the highest rate that holds is found within the precision, wherever it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 90_000 }), fc.integer({ min: 1, max: 2_000 }), (limit, from) => {
      const { holds, breaks } = search(limit, from);
      return holds <= limit && (breaks?.rate ?? 0) > limit && holds >= limit - Math.max(1, 0.05 * limit) - 1;
    }),
  );
});

test('a target without a limit below the maximum ends there, and nothing broke', () => {
  expect(search(1e9)).toMatchObject({ holds: 100_000, breaks: null });
});

test('a target that holds nothing ends at zero', () => {
  expect(search(0)).toMatchObject({ holds: 0, breaks: { rate: 1, broke: 'target' } });
});
