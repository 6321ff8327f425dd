import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spentBudget } from './error-budget.ts';
import { planMeter } from './kinds/index.ts';
import { createMeter } from './meter.ts';

const plan = planMeter({ name: 'a', availability: true, atLeast: '99.9%', window: '30d' });
const meter = (good: number, failed: number, dropped = 0) => ({ ...createMeter(), good, failed, dropped });
const HOUR = 3_600_000;

test('the textbook case: 14.4 times the allowed error rate for an hour spends 2 % of a 30 day budget', () => {
  const spent = spentBudget(plan, 'all', meter(98_560, 1440), HOUR);
  expect(spent?.burnRate).toBeCloseTo(14.4, 6);
  expect(spent?.consumed).toBeCloseTo(0.02, 6);
});

test('burning at rate 1 for the whole window spends the budget exactly', () => {
  const spent = spentBudget(plan, 'all', meter(999, 1), 30 * 24 * HOUR);
  expect(spent?.burnRate).toBeCloseTo(1, 9);
  expect(spent?.consumed).toBeCloseTo(1, 9);
});

test('a run that is split in two and joined again burns the same', () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.nat(1000), fc.nat(100), fc.nat(50)),
      fc.tuple(fc.nat(1000), fc.nat(100), fc.nat(50)),
      (a, b) => {
        const whole = meter(a[0] + b[0], a[1] + b[1], a[2] + b[2]);
        const due = (m: readonly number[]) => m.reduce((x, y) => x + y, 0);
        if (due(a) === 0 || due(b) === 0) return;
        // Phases of equal traffic: their length is in proportion to what was due.
        const spent = (m: ReturnType<typeof meter>, ms: number) =>
          spentBudget(plan, 'p', m, ms)?.consumed ?? 0;
        expect(spent(meter(...a), due(a)) + spent(meter(...b), due(b))).toBeCloseTo(
          spent(whole, due(a) + due(b)),
          9,
        );
      },
    ),
  );
});

test('more bad events burn more', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.nat(100),
      fc.integer({ min: 1, max: 100 }),
      (good, bad, more) => {
        const rate = (failed: number) => spentBudget(plan, 'p', meter(good, failed), 1000)?.burnRate ?? 0;
        expect(rate(bad + more)).toBeGreaterThan(rate(bad));
      },
    ),
  );
});

test('nothing due, or no budget promised: nothing to say', () => {
  expect(spentBudget(plan, 'p', meter(0, 0), 1000)).toBeNull();
  expect(spentBudget(planMeter({ name: 'e', errors: true, below: '1%' }), 'p', meter(1, 1), 1000)).toBeNull();
});
