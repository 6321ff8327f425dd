import { z } from 'zod';
import type { ComponentProbe } from '../../probes/index.ts';
import type { ProbeReading } from '../../provider.ts';
import { askGoogle, refuse } from './ask.ts';
import type { CostPlace, GoogleSettings } from './component.ts';

type CostProbe = Extract<ComponentProbe, { kind: 'cost' }>;

/**
 * What the project cost yesterday, by the export of its billing to BigQuery, and who is told before a budget is spent. No API of Google's
 * tells either without them.
 * @param yesterday `YYYY-MM-DD`, UTC
 * @throws ProviderError where it cannot be told
 */
export async function readCost(
  settings: GoogleSettings,
  { yesterdayBelow, monthBelow, alertAt }: CostProbe,
  { export: table, budget }: CostPlace,
  yesterday: string,
  signal: AbortSignal,
): Promise<ProbeReading> {
  if (monthBelow !== undefined) {
    throw refuse(
      'what a month will have cost is not measured: Google has no forecast that could be asked for',
      'use yesterdayBelow, or alertAt with a budget',
    );
  }
  const seen: { readonly ok: boolean; readonly detail: string }[] = [];
  if (yesterdayBelow !== undefined) {
    if (table === undefined) {
      throw refuse(
        'what a day cost is not measured: no API of Google tells it, only an export of the billing to BigQuery does',
        'name its table: costs: { export: PROJECT.DATASET.TABLE } in the component',
      );
    }
    const usDollars = await spent(settings, table, yesterday, signal);
    seen.push({ ok: usDollars < yesterdayBelow, detail: `${yesterday} $${usDollars.toFixed(2)}` });
  }
  if (alertAt !== undefined) {
    if (budget === undefined) {
      throw refuse('alertAt needs a budget', 'name it: costs: { budget: billingAccounts/…/budgets/… }');
    }
    seen.push(await alertOf(settings, budget, alertAt, signal));
  }
  return { ok: seen.every(({ ok }) => ok), detail: seen.map(({ detail }) => detail).join('; ') };
}

/** A question is not to cost more than some cents: about $6 for 1,000 GB. */
const MOST_BYTES = 10_000_000_000;
const QUERY_MS = 9_000;
const rows = z.object({
  jobComplete: z.boolean(),
  rows: z.array(z.object({ f: z.array(z.object({ v: z.string().nullable() })) })).default([]),
});

/** In US dollars, credits taken off. The table is in pieces by the day of the export, which is not before the day of the usage. */
async function spent(
  settings: GoogleSettings,
  table: string,
  day: string,
  signal: AbortSignal,
): Promise<number> {
  const { project } = settings;
  const google = askGoogle(settings);
  const text = (name: string, type: string, value: string) => ({
    name,
    parameterType: { type },
    parameterValue: { value },
  });
  const found = await google.ask(
    {
      schema: rows,
      url: new URL(`/bigquery/v2/projects/${project}/queries`, google.host('bigquery')),
      doing: 'bigquery.jobs.create',
      roles: 'role bigquery.jobUser has it, and bigquery.dataViewer the right to read the table',
      body: {
        query: `SELECT COUNT(*), SUM((cost + IFNULL((SELECT SUM(c.amount) FROM UNNEST(credits) AS c), 0)) / currency_conversion_rate) FROM \`${table}\` WHERE _PARTITIONTIME >= TIMESTAMP(@day) AND DATE(usage_start_time) = @day AND project.id = @project`,
        useLegacySql: false,
        parameterMode: 'NAMED',
        queryParameters: [text('day', 'DATE', day), text('project', 'STRING', project)],
        timeoutMs: QUERY_MS,
        maximumBytesBilled: String(MOST_BYTES),
      },
    },
    signal,
  );
  if (found === undefined) {
    throw refuse(`there is no table ${table}`, 'correct `costs.export` of the component');
  }
  if (!found.jobComplete) {
    throw refuse(`BigQuery does not answer within ${QUERY_MS / 1_000} s`, 'see how large the table is');
  }
  const [count, sum] = found.rows[0]?.f ?? [];
  if (Number(count?.v ?? 0) === 0 || sum?.v == null) {
    throw refuse(
      `the export has nothing of ${project} on ${day}: not measured`,
      'wait, as it comes hours late; or correct `google.project`, or `costs.export` of the component',
    );
  }
  return Number(sum.v);
}

const budgetAnswer = z.object({
  displayName: z.string().default('the budget'),
  thresholdRules: z
    .array(z.object({ thresholdPercent: z.number(), spendBasis: z.string().default('CURRENT_SPEND') }))
    .default([]),
  notificationsRule: z
    .object({
      pubsubTopic: z.string().optional(),
      monitoringNotificationChannels: z.array(z.string()).default([]),
      disableDefaultIamRecipients: z.boolean().default(false),
    })
    .default({ monitoringNotificationChannels: [], disableDefaultIamRecipients: false }),
});

async function alertOf(
  settings: GoogleSettings,
  budget: string,
  percent: number,
  signal: AbortSignal,
): Promise<{ ok: boolean; detail: string }> {
  const google = askGoogle(settings);
  const found = await google.ask(
    {
      schema: budgetAnswer,
      url: new URL(`/v1/${budget}`, google.host('billingbudgets')),
      doing: 'billing.budgets.get',
      roles: 'role billing.viewer of the billing account has it',
    },
    signal,
  );
  if (found === undefined) {
    throw refuse(`there is no budget ${budget}`, 'correct `costs.budget` of the component');
  }
  const { displayName, thresholdRules, notificationsRule } = found;
  // Shares of one in that API. An earlier warning will do.
  const rule = thresholdRules.find(
    ({ thresholdPercent }) => Math.round(thresholdPercent * 1_000) <= percent * 10,
  );
  if (rule === undefined)
    return { ok: false, detail: `${displayName} has no alert at ${percent} % or before` };
  const {
    pubsubTopic,
    monitoringNotificationChannels: channels,
    disableDefaultIamRecipients,
  } = notificationsRule;
  const told = [
    ...(disableDefaultIamRecipients ? [] : ["the billing account's administrators"]),
    ...(channels.length === 0 ? [] : [`${channels.length} channels`]),
    ...(pubsubTopic === undefined ? [] : [pubsubTopic]),
  ];
  const at = `${displayName} has an alert at ${Math.round(rule.thresholdPercent * 1_000) / 10} % (${rule.spendBasis.toLowerCase().replace('_', ' ')})`;
  return { ok: told.length > 0, detail: `${at}, ${told.join(' and ') || 'nobody'} told` };
}
