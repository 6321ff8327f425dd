import { z } from 'zod';
import type { Loaded } from '../../chaos/definitions/issues/source.ts';
import { resolveSecrets } from '../../chaos/definitions/secrets/resolve-secrets.ts';
import type { Environment } from '../../chaos/schema/environment.ts';
import { createHttpClient } from '../observe/http-client.ts';
import { readBudgets } from '../observe/read-budgets.ts';
import { sloObjectives } from '../plan/slo-objectives.ts';
import { budgetSentences } from '../report/slo/budget-text.ts';

export const gateBudget = z.object({
  objective: z.string(),
  window: z.string(),
  /** Share of the budget that the window has spent; null: not known. */
  consumed: z.number().nullable(),
  /** Of up to three days. */
  burnRate: z.number().nullable(),
  /** Milliseconds until it is spent, as it burns now; null: not within a window, or not known. */
  spentInMs: z.number().nullable(),
  /** Spent: no deployment. */
  freeze: z.boolean(),
  /** False: it is only told. */
  blocks: z.boolean(),
  /** What is to say of it, a sentence each. */
  texts: z.array(z.string()),
});

/** An error budget as a gate found it at its start. It is kept with the gate: another day has another one. */
export type GateBudget = z.output<typeof gateBudget>;

/**
 * The error budgets of the objectives whose events Prometheus counts, where the candidate's environment names one; else none.
 * @throws RefusalError, DefinitionError for a mistake in the environment
 */
export async function readGateBudgets(
  candidate: Loaded<Environment>,
  { cwd, env, nowMs }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly nowMs: number },
): Promise<GateBudget[]> {
  if (candidate.value.slo === undefined) return [];
  const { environment } = resolveSecrets(candidate.value, env, candidate);
  const slo = environment.slo ?? candidate.value.slo;
  const objectives = await sloObjectives(slo, cwd);
  const http = createHttpClient(environment.http, env);
  const budgets = await readBudgets(slo, objectives, http, nowMs).finally(() => http.close());
  return budgets.map((budget) => ({
    objective: budget.objective,
    window: budget.promised.window,
    consumed: budget.state?.consumed ?? null,
    burnRate: budget.state?.forecast.pace ?? null,
    spentInMs: budget.state?.forecast.spentInMs ?? null,
    freeze: budget.state?.freeze ?? false,
    blocks: slo.freeze,
    texts: budgetSentences(budget),
  }));
}
