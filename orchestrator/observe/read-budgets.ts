import type { Slo } from '../../chaos/schema/slo.ts';
import { type BudgetState, budgetState } from '../objectives/budget/budget-state.ts';
import type { PromisedShare } from '../objectives/budget/promised-share.ts';
import type { HttpClient } from './http-client.ts';
import { readBudgetHistory } from './prometheus.ts';

/** The error budget of one objective. */
export interface ObjectiveBudget {
  readonly objective: string;
  readonly promised: PromisedShare;
  /** Null: see `problem`. */
  readonly state: BudgetState | null;
  /** Why it is not known. */
  readonly problem: string | null;
}

interface Asked {
  readonly name: string;
  readonly promised: PromisedShare;
  readonly events: Slo['objectives'][string];
}

/** Asks for all of them, one after the other. What cannot be known says why; it never looks like a budget that is whole. */
export async function readBudgets(
  slo: Slo,
  objectives: readonly Asked[],
  http: HttpClient,
  nowMs: number,
): Promise<ObjectiveBudget[]> {
  const budgets: ObjectiveBudget[] = [];
  for (const { name, promised, events } of objectives) {
    const known = { objective: name, promised };
    try {
      const { windowMs } = promised;
      const history = await readBudgetHistory(slo, events, { windowMs, nowMs }, http);
      const state = budgetState(history, { allowed: Number((1 - promised.good).toPrecision(12)), windowMs });
      const problem =
        state.consumed === null ? `Prometheus has no event of it in the last ${promised.window}` : null;
      budgets.push({ ...known, state: problem === null ? state : null, problem });
    } catch (error) {
      budgets.push({ ...known, state: null, problem: (error as Error).message });
    }
  }
  return budgets;
}
