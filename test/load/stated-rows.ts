import path from 'node:path';
import { vi } from 'vitest';
import type { SummaryRow } from '../../scenarios/lib/objectives/summary-row.ts';
import type { ScenarioOptions } from '../../scenarios/lib/objectives/types.ts';

const folder = path.resolve(import.meta.dirname, '../../scenarios');

/** With everything that a scenario can measure: both versions and the pages of metrics are named, sessions are read, the rate is 1000. */
const everything: Readonly<Record<string, string>> = {
  SUMMARY_JSON: 'rows',
  BLUE: 'gateway-1',
  GREEN: 'gateway-2',
  CONTROL_METRICS: 'http://127.0.0.1:9050/metrics',
  UNATTENDED: '1',
  HOST_METRICS: 'http://127.0.0.1:9100/metrics',
  SESSION_SHARE: '2%',
  CANARY_FOR: '10m',
  POST_DEPLOY_FOR: '30m',
};
/** What a scenario measures only when it measures something else not. */
const otherwise: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'deployment-watch': { ROLLBACK_WITHIN: '5m' },
};

/**
 * The rows of a scenario's own summary, for each way to run it in which it measures something else. The test that asks has to replace k6 by
 * test/silent-k6.ts (`vi.mock`): nothing is run, so that none of the rows has a result.
 */
export async function statedRows(scenario: string): Promise<SummaryRow[][]> {
  const ways = [everything, ...(otherwise[scenario] ? [{ ...everything, ...otherwise[scenario] }] : [])];
  const rows: SummaryRow[][] = [];
  for (const settings of ways) rows.push(await rowsWith(scenario, settings));
  return rows;
}

/** The rows with these settings, of which SUMMARY_JSON has to be `rows`. */
export async function rowsWith(
  scenario: string,
  settings: Readonly<Record<string, string>>,
): Promise<SummaryRow[]> {
  // A scenario reads its settings when it is imported.
  vi.resetModules();
  vi.stubGlobal('__VU', 0);
  vi.stubGlobal('__ENV', settings);
  const { handleSummary } = (await import(path.join(folder, `${scenario}.ts`))) as ScenarioOptions;
  const written = handleSummary({ state: { testRunDurationMs: 1 }, metrics: {} }).rows ?? '{"rows":[]}';
  return (JSON.parse(written) as { rows: SummaryRow[] }).rows;
}
