import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BudgetHistory, budgetState, type Events } from './budget-state.ts';
import { promisedShare } from './promised-share.ts';

const DAY = 86_400_000;
const settings = { allowed: 0.001, windowMs: 30 * DAY };
const quiet = { bad: 0, total: 100 };
const burning = (factor: number): Events => ({ bad: factor * 0.1, total: 100 });
const recent = (factors: Partial<Record<keyof BudgetHistory['recent'], number>>): BudgetHistory['recent'] => {
  const of = (window: keyof BudgetHistory['recent']) => burning(factors[window] ?? 0);
  return { '5m': of('5m'), '30m': of('30m'), '1h': of('1h'), '6h': of('6h'), '3d': of('3d') };
};
const parts = (bad: number): Events[] => Array.from({ length: 30 }, () => ({ bad, total: 1000 }));
const firing = (factors: Parameters<typeof recent>[0]) =>
  budgetState({ parts: parts(0), recent: recent(factors) }, settings)
    .alerts.filter((alert) => alert.firing)
    .map(({ long, short, severity }) => `${severity} ${long}/${short}`);

test('a burn rate of 1 over the whole window spends the budget exactly, and freezes', () => {
  const state = budgetState({ parts: parts(1), recent: recent({ '3d': 1 }) }, settings);
  expect(state).toMatchObject({ consumed: 1, known: 1, freeze: true });
  expect(state.forecast.spentInMs).toBe(0);
  expect(budgetState({ parts: parts(0.999), recent: recent({}) }, settings).freeze).toBe(false);
});

test('the textbook case: 14.4 times the allowed rate for an hour pages, and is 2 % of the budget', () => {
  const hours = Array.from({ length: 720 }, (_, i) => (i === 719 ? burning(14.4) : quiet));
  const state = budgetState({ parts: hours, recent: recent({ '5m': 14.4, '1h': 14.4 }) }, settings);
  expect(state.consumed).toBeCloseTo(0.02, 9);
  expect(firing({ '5m': 14.4, '1h': 14.4 })).toEqual(['page 1h/5m']);
});

test.each([
  [{ '1h': 14.3, '5m': 20 }, []],
  [{ '1h': 20, '5m': 14.3 }, []],
  [{ '6h': 6, '30m': 6 }, ['page 6h/30m']],
  [{ '6h': 6, '30m': 5.9 }, []],
  [{ '3d': 1, '6h': 1 }, ['ticket 3d/6h']],
  [{ '3d': 1, '6h': 0.9 }, []],
])('both windows decide: %j fires %j', (factors, expected) => {
  expect(firing(factors)).toEqual(expected);
});

test('the forecast moves the window on: what is old leaves it', () => {
  // Half the budget on the first day of thirty; now it burns at 0.9.
  const old = parts(0).map((part, i) => (i === 0 ? { ...part, bad: 15 } : part));
  const leaves = budgetState({ parts: old, recent: recent({ '3d': 0.9 }) }, settings);
  expect(leaves.forecast).toEqual({ pace: 0.9, atEnd: 0.9, spentInMs: null });
  // The same half in the newest day stays: 15 + 0.9 a day reach 30 after 17 days.
  const stays = budgetState({ parts: [...old].reverse(), recent: recent({ '3d': 0.9 }) }, settings);
  expect(stays.forecast.spentInMs).toBe(17 * DAY);
});

test('what is not known of the window is taken for good, and said', () => {
  const known: (Events | null)[] = parts(1).map((part, i) => (i < 15 ? null : part));
  const state = budgetState({ parts: known, recent: recent({}) }, settings);
  expect(state).toMatchObject({ known: 0.5, consumed: 0.5, freeze: false });
});

test('nothing known is never a budget that is whole', () => {
  const nothing = { '5m': null, '30m': null, '1h': null, '6h': null, '3d': null };
  expect(budgetState({ parts: [null, null], recent: nothing }, settings)).toMatchObject({
    consumed: null,
    freeze: false,
    forecast: { pace: null, atEnd: null, spentInMs: null },
  });
});

test('an objective of 100 % is overspent by its first bad event', () => {
  const none = { ...settings, allowed: 0 };
  expect(budgetState({ parts: parts(0), recent: recent({}) }, none).consumed).toBe(0);
  const state = budgetState({ parts: parts(1), recent: recent({ '1h': 1 }) }, none);
  expect(state.freeze).toBe(true);
  expect(JSON.stringify(state)).not.toContain('null,"known"');
});

test('more bad events never leave more of the budget', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 20 }), fc.nat(19), (bads, at) => {
      const of = (values: readonly number[]) =>
        budgetState({ parts: values.map((bad) => ({ bad, total: 100 })), recent: recent({}) }, settings)
          .consumed ?? 0;
      const worse = bads.map((bad, i) => (i === at % bads.length ? bad + 1 : bad));
      expect(of(worse)).toBeGreaterThan(of(bads));
    }),
  );
});

test('which objectives are a share of events', () => {
  expect(promisedShare({ name: 'a', availability: true, atLeast: '99.9%', window: '7d' })).toMatchObject({
    good: 0.999,
    windowMs: 7 * DAY,
  });
  expect(promisedShare({ name: 'e', errors: true, below: '0.1%' })).toMatchObject({
    good: 0.999,
    window: '30d',
  });
  expect(promisedShare({ name: 'p', percentile: 95, below: '100ms' }, '14d')).toMatchObject({
    good: 0.95,
    window: '14d',
    meaning: 'answered in less than 100ms',
  });
  expect(promisedShare({ name: 't', throughput: true, atLeast: '9/s' })).toBeNull();
  expect(promisedShare({ name: 'c', counter: 'lost', equals: 0 })).toBeNull();
});
