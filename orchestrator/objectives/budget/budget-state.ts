import {
  BURN_RATE_ALERTS,
  BURN_RATE_WINDOWS,
  type BurnRateAlert,
  type BurnRateWindow,
} from './burn-rates.ts';

/** Events, or events per second. */
export interface Events {
  readonly bad: number;
  readonly total: number;
}

/** What was counted of one objective. Null: nothing was due, or nobody counted. */
export interface BudgetHistory {
  /** The window of the budget in equal parts, the oldest first. */
  readonly parts: readonly (Events | null)[];
  /** Up to now. */
  readonly recent: Readonly<Record<BurnRateWindow, Events | null>>;
}

export interface BudgetState {
  /** Share of the budget that the window has spent; more than 1: overspent. Null: nothing is known. */
  readonly consumed: number | null;
  /** Share of the window of which something is known. */
  readonly known: number;
  /** By window: the share of bad events over the allowed share. 1 spends the budget exactly in the window. */
  readonly burnRates: Readonly<Record<BurnRateWindow, number | null>>;
  readonly alerts: readonly (BurnRateAlert & { readonly firing: boolean })[];
  readonly forecast: {
    /** The burn rate that it goes on with: that of the longest window of which something is known, up to three days. */
    readonly pace: number | null;
    /** Share of the budget that the window has spent when it has moved on by its whole length. */
    readonly atEnd: number | null;
    /** Milliseconds until the budget is spent; 0: it is; null: not within the length of a window. */
    readonly spentInMs: number | null;
  };
  /** The budget is spent: no deployment. */
  readonly freeze: boolean;
}

/**
 * How much of an error budget is spent, how fast it burns, and when it will be spent. A pure function. What is not known of the window is
 * taken to have the traffic of what is, and no bad event.
 * @param allowed the share of events that may be bad: 0.001 for 99.9 %
 */
export function budgetState(
  { parts, recent }: BudgetHistory,
  { allowed, windowMs }: { readonly allowed: number; readonly windowMs: number },
): BudgetState {
  const seen = parts.filter((part) => part !== null);
  const total = seen.reduce((sum, part) => sum + part.total, 0);
  const known = seen.length / Math.max(1, parts.length);
  // What the whole window may spend, in events.
  const budget = seen.length === 0 ? 0 : (allowed * total * parts.length) / seen.length;
  const bad = seen.reduce((sum, part) => sum + part.bad, 0);
  const consumed = total === 0 ? null : overBudget(bad, budget);
  const rates = Object.entries(recent).map(([window, events]) => [
    window,
    events === null || events.total === 0 ? null : overBudget(events.bad, allowed * events.total),
  ]);
  const burnRates = Object.fromEntries(rates) as Record<BurnRateWindow, number | null>;
  const pace = burnRates['3d'] ?? burnRates['6h'] ?? burnRates['1h'];
  return {
    consumed,
    known,
    burnRates,
    alerts: BURN_RATE_ALERTS.filter(({ long }) => BURN_RATE_WINDOWS[long as BurnRateWindow] <= windowMs).map(
      (alert) => ({
        ...alert,
        firing: [alert.long, alert.short].every(
          (window) => (burnRates[window as BurnRateWindow] ?? 0) >= alert.factor,
        ),
      }),
    ),
    forecast: { pace, atEnd: pace, spentInMs: spentIn(parts, { budget, pace, windowMs }) },
    freeze: consumed !== null && consumed >= 1,
  };
}

/** The window moves on: its oldest parts leave it, and new ones come that burn at the pace. */
function spentIn(
  parts: BudgetHistory['parts'],
  { budget, pace, windowMs }: { budget: number; pace: number | null; windowMs: number },
): number | null {
  const perPart = ((pace ?? 0) * budget) / parts.length;
  for (let moved = 0; moved <= parts.length; moved++) {
    const old = parts.slice(moved).reduce((sum, part) => sum + (part?.bad ?? 0), 0);
    const bad = old + moved * perPart;
    if (bad > 0 && bad >= budget) return (moved * windowMs) / parts.length;
  }
  return null;
}

/** An objective of 100 % has no budget: the first bad event overspends it, and infinity is not JSON. */
function overBudget(bad: number, budget: number): number {
  return bad === 0 ? 0 : Math.min(bad / budget, Number.MAX_SAFE_INTEGER);
}
