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
    last: null,
  });
  rounds(steady(0.001, 9));
  expect(budget.read().last).toEqual({
    forecast: expect.closeTo(1),
    spent: expect.closeTo(1),
    off: expect.closeTo(0),
  });
});

test('a spent budget freezes until its window is over', () => {
  rounds([...steady(0.002, 5), 0.001]);
  expect(budget.read()).toMatchObject({ spent: expect.closeTo(1.1), frozen: true });
  rounds(steady(0, 3));
  expect(budget.read().frozen).toBe(true);
  rounds([0]);
  expect(budget.read()).toMatchObject({ spent: 0, frozen: false });
});

test('the forecast follows the last round, and is held against what came', () => {
  rounds(steady(0.004, 5));
  expect(budget.read().forecast).toBeCloseTo(4);
  // The errors stop after the middle: half of what was forecast comes.
  rounds(steady(0, 5));
  expect(budget.read().last).toEqual({
    forecast: expect.closeTo(4),
    spent: expect.closeTo(2),
    off: expect.closeTo(0.5),
  });
});

test('a forecast that forgets the rest of the window is off by the half', () => {
  rounds(steady(0.001, 10), { isBlind: true });
  expect(budget.read().last?.off).toBeCloseTo(0.5);
});

test('a window without errors says nothing about the forecast, and leaves what an earlier one said', () => {
  rounds(steady(0, 10));
  expect(budget.read().last).toBeNull();
  rounds(steady(0.001, 10));
  const { last } = budget.read();
  expect(last).not.toBeNull();
  rounds(steady(0, 20));
  expect(budget.read().last).toEqual(last);
});

test('a round that came late, near the end of the window, is held against nothing', () => {
  rounds(steady(0.001, 4), { isBlind: true });
  nowMs += 4_000;
  budget.spend(0.001, 5_000, { windowMs: 10_000, isBlind: true });
  rounds(steady(0.001, 2), { isBlind: true });
  expect(budget.read().last).toBeNull();
});
