export interface Budget {
  /** Of the window's error budget, which is 1. */
  readonly spent: number;
  /** What will be spent at the end of the window if it goes on as in the last round. */
  readonly forecast: number;
  /** Spent: until the window is over nothing is deployed. */
  readonly frozen: boolean;
  /** How good the forecast was, in the last window in which something was spent; null: there was none yet. */
  readonly last: ForecastCheck | null;
}

export interface ForecastCheck {
  /** In the middle of the window, for its end. */
  readonly forecast: number;
  /** What it came to. */
  readonly spent: number;
  /** How far apart the two are, as a share of the larger one. */
  readonly off: number;
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
  let halfway: number | undefined;
  let last: ForecastCheck | null = null;
  return {
    spend(errorShare, roundMs, { windowMs, isBlind }) {
      const burn = errorShare / allowed;
      spent += (burn * roundMs) / windowMs;
      let left = windowMs - (now() - windowFrom);
      // The round that ends a window belongs to it.
      if (left <= 0) {
        last = check(halfway, spent) ?? last;
        windowFrom = now();
        left = windowMs;
        spent = 0;
        halfway = undefined;
      }
      forecast = isBlind ? spent : spent + (burn * left) / windowMs;
      // A round that comes late is no forecast from the middle: little of the window is left to be wrong about.
      if (left <= windowMs / 2 && left >= windowMs / 3) halfway ??= forecast;
    },
    read: () => ({ spent, forecast, frozen: spent >= 1, last }),
  };
}

/** Of a window without errors any forecast would be right, so it proves nothing. */
function check(forecast: number | undefined, spent: number): ForecastCheck | undefined {
  if (forecast === undefined || spent === 0) return undefined;
  return { forecast, spent, off: Math.abs(forecast - spent) / Math.max(forecast, spent) };
}
