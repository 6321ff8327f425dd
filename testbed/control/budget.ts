export interface Budget {
  /** Of the window's error budget, which is 1. What a window came to stays until the first round of the next one. */
  readonly spent: number;
  /** What will be spent at the end of the window if it goes on as in the last round. */
  readonly forecast: number;
  /** Spent: until the window is over nothing is deployed. */
  readonly frozen: boolean;
}

export interface ErrorBudget {
  /** Once a round. `isBlind` is sabotage: a forecast that forgets the rest of the window. */
  spend(
    errorShare: number,
    roundMs: number,
    window: { readonly windowMs: number; readonly isBlind: boolean },
  ): void;
  read(): Budget;
}

/** @param allowed the share of requests that may fail over the whole window */
export function createBudget(allowed: number, now = () => performance.now()): ErrorBudget {
  let windowFrom = now();
  let spent = 0;
  let forecast = 0;
  let isOver = false;
  return {
    spend(errorShare, roundMs, { windowMs, isBlind }) {
      const burn = errorShare / allowed;
      // The round that ends a window belongs to it.
      spent = (isOver ? 0 : spent) + (burn * roundMs) / windowMs;
      const left = Math.max(0, windowMs - (now() - windowFrom));
      isOver = left === 0;
      if (isOver) windowFrom = now();
      forecast = isBlind ? spent : spent + (burn * left) / windowMs;
    },
    read: () => ({ spent, forecast, frozen: spent >= 1 && !isOver }),
  };
}
