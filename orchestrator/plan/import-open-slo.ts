import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { type CountedEvents, WINDOW } from '../../chaos/schema/slo.ts';
import { RefusalError } from '../refusal.ts';

export interface ImportedSlos {
  /** By name: what goes under `slo.objectives` of an environment. */
  readonly objectives: Readonly<Record<string, CountedEvents>>;
  /** SLOs that have no place there, and why. */
  readonly left: readonly string[];
}

/**
 * Reads the SLOs of an OpenSLO v1 file: ratios of events counted by Prometheus. What is something else is listed, never changed into
 * something that it does not say.
 * @throws RefusalError when the file is no YAML, or has no SLO of OpenSLO v1
 */
export function importOpenSlo(text: string, file: string): ImportedSlos {
  const documents = documentsOf(text, file);
  const indicators = new Map<string, unknown>();
  for (const document of documents) {
    const sli = header.safeParse(document);
    if (sli.success && sli.data.kind === 'SLI') indicators.set(sli.data.metadata.name, document);
  }
  const objectives: Record<string, CountedEvents> = {};
  const left: string[] = [];
  let seen = 0;
  for (const document of documents) {
    const { data, success } = header.safeParse(document);
    if (!success || data.kind !== 'SLO') continue;
    seen += 1;
    const { name } = data.metadata;
    try {
      for (const [own, events] of eventsOf(name, document, indicators)) objectives[own] = events;
    } catch (error) {
      left.push(`${name}: ${(error as Error).message}`);
    }
  }
  if (seen === 0)
    throw new RefusalError(
      `${file} has no SLO of OpenSLO v1 (apiVersion: openslo/v1, kind: SLO)${olderOnes(documents)}`,
    );
  return { objectives, left };
}

function olderOnes(documents: readonly unknown[]): string {
  const versions = documents
    .map((document) => z.object({ apiVersion: z.string() }).safeParse(document).data?.apiVersion)
    .filter((version) => version !== undefined);
  return versions.length === 0 ? '' : `; it has ${[...new Set(versions)].slice(0, 5).join(', ')}`;
}

function documentsOf(text: string, file: string): unknown[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new RefusalError(`${file}: ${error.message}`);
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    // Some files hold a list of documents.
    return Array.isArray(value) ? value : [value];
  });
}

const header = z.object({
  apiVersion: z.enum(['openslo/v1', 'openslo.com/v1']),
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
});
const metric = z.object({
  metricSource: z.object({
    type: z.string().optional(),
    metricSourceRef: z.string().optional(),
    spec: z.unknown(),
  }),
});
const indicatorSpec = z.object({
  ratioMetric: z
    .object({
      counter: z.boolean().optional(),
      good: metric.optional(),
      bad: metric.optional(),
      total: metric.optional(),
      raw: z.unknown().optional(),
    })
    .optional(),
  thresholdMetric: z.unknown().optional(),
});
const body = z.object({
  spec: z.object({
    indicator: z.object({ spec: indicatorSpec }).optional(),
    indicatorRef: z.string().optional(),
    timeWindow: z.array(z.object({ duration: z.string(), isRolling: z.boolean().optional() })).optional(),
    budgetingMethod: z.string().optional(),
    objectives: z.array(
      z.object({
        displayName: z.string().optional(),
        target: z.number().optional(),
        targetPercent: z.number().optional(),
        indicator: z.unknown().optional(),
        indicatorRef: z.unknown().optional(),
      }),
    ),
  }),
});

function eventsOf(
  name: string,
  document: unknown,
  indicators: ReadonlyMap<string, unknown>,
): [name: string, events: CountedEvents][] {
  const { data, error } = body.safeParse(document);
  if (error !== undefined)
    throw new Error(
      `it is not as OpenSLO v1 has it: ${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}`,
    );
  const { indicator, indicatorRef, timeWindow, budgetingMethod, objectives } = data.spec;
  if (objectives.some((one) => one.indicator !== undefined || one.indicatorRef !== undefined))
    throw new Error('a composite SLO has no one budget');
  if (budgetingMethod !== undefined && budgetingMethod !== 'Occurrences')
    throw new Error(`it counts ${budgetingMethod}; squall counts events (Occurrences)`);
  const { ratioMetric } = specOf(indicator?.spec, indicatorRef, indicators);
  if (ratioMetric === undefined)
    throw new Error('its indicator is a threshold, and a budget needs events that are counted');
  const { good, bad, total, counter = false } = ratioMetric;
  const one = good ?? bad;
  if (total === undefined || one === undefined)
    throw new Error('its indicator has no good or bad events with a total');
  const [some, all] = [queryOf(one, counter), queryOf(total, counter)];
  const window = windowOf(timeWindow?.[0]);
  return objectives.map((objective, i) => [
    objectives.length === 1 ? name : `${name}-${i + 1}`,
    {
      ...(good === undefined ? { bad: some } : { good: some }),
      total: all,
      atLeast: targetOf(objective),
      ...(window === undefined ? {} : { window }),
    },
  ]);
}

function specOf(
  inline: z.output<typeof indicatorSpec> | undefined,
  reference: string | undefined,
  indicators: ReadonlyMap<string, unknown>,
): z.output<typeof indicatorSpec> {
  if (inline !== undefined) return inline;
  if (reference === undefined) throw new Error('it has no indicator');
  const found = z.object({ spec: indicatorSpec }).safeParse(indicators.get(reference));
  if (!found.success) throw new Error(`its indicator ${reference} is not in this file`);
  return found.data.spec;
}

function targetOf({
  target,
  targetPercent,
}: {
  target?: number | undefined;
  targetPercent?: number | undefined;
}): string {
  const percent = targetPercent ?? (target === undefined ? Number.NaN : target * 100);
  if (!(percent > 0 && percent <= 100)) throw new Error('an objective has no target between 0 and 1');
  return `${Number(percent.toPrecision(12))}%`;
}

const DAYS: Readonly<Record<string, number>> = { m: 1 / 1440, h: 1 / 24, d: 1, w: 7, M: 30, Q: 91, Y: 365 };

/** A window of the calendar is taken as one that rolls: budgets of both are spent alike. */
function windowOf(window: { readonly duration: string } | undefined): string | undefined {
  if (window === undefined) return undefined;
  const [, number, unit] = /^(\d+)([mhdwMQY])$/.exec(window.duration) ?? [];
  const days = Number(number) * (DAYS[unit ?? ''] ?? Number.NaN);
  if (!(days > 0)) throw new Error(`its window ${window.duration} is no duration`);
  return days >= 1 ? `${Math.round(days)}d` : `${Math.round(days * 1440)}m`;
}

/** One text, or the text under whatever key it has (query, promql, …). */
function queryOf({ metricSource: { type, spec } }: z.output<typeof metric>, counter: boolean): string {
  if (type !== undefined && !/prometheus|mimir|cortex|thanos|victoria/i.test(type))
    throw new Error(`it is counted by ${type}, and only Prometheus can be asked`);
  const texts =
    typeof spec === 'string'
      ? [spec]
      : Object.entries(z.record(z.string(), z.unknown()).safeParse(spec).data ?? {}).flatMap(
          ([key, value]) =>
            typeof value === 'string' && /query|promql|expr/i.test(key) && !/type/i.test(key) ? [value] : [],
        );
  const [query] = texts;
  if (query === undefined || texts.length > 1) throw new Error('its metric source has no one query');
  return withWindow(query.trim(), counter);
}

const RANGE = /\[\s*(?:\d+(?:ms|[smhdwy]))+\s*\]|\[\{\{\s*\.\w+\s*\}\}\]|\[\$[\w{}:]+\]/g;

function withWindow(query: string, counter: boolean): string {
  if (query.includes(WINDOW)) return query;
  const ranges = query.match(RANGE) ?? [];
  if (ranges.length > 0) return query.replace(RANGE, () => `[${WINDOW}]`);
  if (!counter) throw new Error(`its query ${query} has no range that squall could set`);
  // A counter as it stands: what came per second, all of its series together.
  const [, summed, alone] =
    /^sum\s*\(\s*([\w:]+(?:\{[^}]*\})?)\s*\)$|^([\w:]+(?:\{[^}]*\})?)$/.exec(query) ?? [];
  if ((summed ?? alone) !== undefined) return `sum(rate(${summed ?? alone}[${WINDOW}]))`;
  throw new Error(
    `its query ${query} is more than the name of a counter, and has no range that squall could set`,
  );
}
