import { beforeEach, expect, test } from 'vitest';
import { createBudget, type ErrorBudget } from './budget.ts';

let nowMs: number;
let budget: ErrorBudget;
beforeEach(() => {
  nowMs = 0;
  budget = createBudget(0.001, () => nowMs);
});

/** Rounds of a second, each with this share of errors. */
function rounds(errorShares: readonly number[], { windowMs = 10_000, isBlind = false } = {}): void {
  for (const share of errorShares) {
    nowMs += 1_000;
    budget.spend(share, 1_000, { windowMs, isBlind });
  }
}
const steady = (share: number, seconds: number) => Array<number>(seconds).fill(share);

test('the allowed share, all the time, spends exactly the budget, as it was forecast from the first round on', () => {
  rounds([0.001]);
  expect(budget.read()).toEqual({
    spent: expect.closeTo(0.1),
    forecast: expect.closeTo(1),
    frozen: false,
  });
  rounds(steady(0.001, 9));
  expect(budget.read().spent).toBeCloseTo(1);
});

test('a spent budget freezes until its window is over', () => {
  rounds([...steady(0.002, 5), 0.001]);
  expect(budget.read()).toMatchObject({ spent: expect.closeTo(1.1), frozen: true });
  rounds(steady(0, 3));
  expect(budget.read().frozen).toBe(true);
  rounds([0]);
  expect(budget.read()).toMatchObject({ spent: expect.closeTo(1.1), frozen: false });
});

test('what a window came to stays until the first round of the next one', () => {
  rounds(steady(0.001, 10));
  expect(budget.read().spent).toBeCloseTo(1);
  rounds([0.001]);
  expect(budget.read()).toMatchObject({ spent: expect.closeTo(0.1), forecast: expect.closeTo(1) });
});

test('the forecast follows the last round', () => {
  rounds(steady(0.004, 5));
  expect(budget.read().forecast).toBeCloseTo(4);
  // The errors stop after the middle: half of what was forecast comes.
  rounds(steady(0, 5));
  expect(budget.read().spent).toBeCloseTo(2);
});

test('a forecast that forgets the rest of the window is off by the half', () => {
  rounds(steady(0.001, 5), { isBlind: true });
  expect(budget.read().forecast).toBeCloseTo(0.5);
});
