import { z } from 'zod';
import { type CountedEvents, type Slo, WINDOW } from '../../chaos/schema/slo.ts';
import type { BudgetHistory, Events } from '../objectives/budget/budget-state.ts';
import { BURN_RATE_WINDOWS, type BurnRateWindow } from '../objectives/budget/burn-rates.ts';
import type { HttpClient } from './http-client.ts';

/** The window of a budget is asked in so many parts. */
const PARTS = 120;
/** Prometheus refuses ranges below a second, and asking for milliseconds tells nothing. */
const SECOND = 1_000;
const PATIENCE_MS = 30_000;

/**
 * Asks Prometheus what was counted of an objective, up to `nowMs`.
 * @throws Error that says what was asked and what came
 */
export async function readBudgetHistory(
  { prometheus, headers }: Pick<Slo, 'prometheus' | 'headers'>,
  events: CountedEvents,
  { windowMs, nowMs }: { readonly windowMs: number; readonly nowMs: number },
  http: HttpClient,
): Promise<BudgetHistory> {
  const partMs = Math.max(SECOND, Math.ceil(windowMs / PARTS / SECOND) * SECOND);
  const count = Math.max(1, Math.round(windowMs / partMs));
  const from = nowMs - (count - 1) * partMs;
  const parts = await counted(partMs, { from, to: nowMs, stepMs: partMs });
  const recent: Partial<Record<BurnRateWindow, Events | null>> = {};
  for (const [window, ms] of Object.entries(BURN_RATE_WINDOWS)) {
    const [value = null] = await counted(ms, { from: nowMs, to: nowMs, stepMs: SECOND });
    recent[window as BurnRateWindow] = value;
  }
  return { parts, recent: recent as BudgetHistory['recent'] };

  async function counted(rangeMs: number, range: Range): Promise<(Events | null)[]> {
    const ask = async (query: string) => {
      const text = query.replaceAll(WINDOW, `${rangeMs}ms`);
      return valuesOf(await answerTo(prometheus, headers, text, range, http), range, text);
    };
    const totals = await ask(events.total);
    const some = await ask(events.bad ?? events.good ?? '');
    return totals.map((total, i) => {
      if (total === null || total <= 0) return null;
      // No series of failures: there was none.
      const own = Math.max(0, some[i] ?? 0);
      return { bad: events.bad === undefined ? Math.max(0, total - own) : Math.min(own, total), total };
    });
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
}

const answer = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.number(), z.string()])),
      }),
    ),
  }),
});
const refused = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() });

/** As a form: a query may be longer than a URL. */
async function answerTo(
  prometheus: string,
  headers: Slo['headers'],
  query: string,
  { from, to, stepMs }: Range,
  http: HttpClient,
): Promise<z.output<typeof answer>> {
  const form = new URLSearchParams({
    query,
    start: String(from / 1000),
    end: String(to / 1000),
    step: String(stepMs / 1000),
  });
  const response = await http.ask(new URL('api/v1/query_range', `${prometheus.replace(/\/+$/, '')}/`).href, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const text = await response.text();
  const data = parsed(text);
  const problem = refused.safeParse(data);
  if (problem.success) throw new Error(`Prometheus refused the query ${query}: ${problem.data.error}`);
  const found = answer.safeParse(data);
  if (response.status !== 200 || !found.success)
    throw new Error(
      `${new URL(prometheus).host} did not answer like Prometheus (HTTP ${response.status}) to the query ${query}`,
    );
  return found.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** One value for each step; null where there is none. */
function valuesOf(
  { data: { result } }: z.output<typeof answer>,
  { from, to, stepMs }: Range,
  query: string,
): (number | null)[] {
  if (result.length > 1)
    throw new Error(
      `the query ${query} has ${result.length} series where one is needed: put sum(…) around it`,
    );
  const values = new Array<number | null>(Math.round((to - from) / stepMs) + 1).fill(null);
  for (const [at, text] of result[0]?.values ?? []) {
    const value = Number(text);
    const index = Math.round((at * 1000 - from) / stepMs);
    if (Number.isFinite(value) && index >= 0 && index < values.length) values[index] = value;
  }
  return values;
}
