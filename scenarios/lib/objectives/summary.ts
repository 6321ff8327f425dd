import { samplesOf } from '../../../thresholds/k6-names.ts';
import { textFrom } from '../runtime/env.ts';
import type { K6Objective } from './k6-thresholds.ts';
import type { SummaryRow } from './summary-row.ts';
import type { K6Metric, K6Summary, NotMeasured, Occasional } from './types.ts';

export interface SummaryRequest {
  readonly scenario: string;
  readonly translated: readonly K6Objective[];
  readonly openLoop: boolean;
  readonly notMeasured?: readonly NotMeasured[];
  readonly names?: readonly string[];
  readonly trends?: readonly string[];
  readonly remarks?: (data: K6Summary) => Readonly<Record<string, string>>;
  readonly occasional?: Readonly<Record<string, Occasional>>;
}

/** What handleSummary returns: the table on standard output, and the rows as JSON where `-e SUMMARY_JSON=FILE` asks for them. */
export const renderSummary = (request: SummaryRequest, data: K6Summary): Record<string, string> => {
  const rows = summaryRows(request, data);
  const json = textFrom('SUMMARY_JSON', '');
  return {
    stdout: `\n${renderRows(request, rows)}\n${renderTraffic(request, data)}\n${renderTrends(request, data)}`,
    ...(json ? { [json]: rowsJson(request.scenario, rows) } : {}),
  };
};

/** `squall register` reads this, and takes the newest. */
const rowsJson = (scenario: string, rows: readonly SummaryRow[]): string => {
  return `${JSON.stringify({ scenario, endedAt: new Date().toISOString(), rows }, null, 2)}\n`;
};

export const summaryRows = (request: SummaryRequest, data: K6Summary): SummaryRow[] => {
  const remarks = request.remarks?.(data) ?? {};
  const rows = request.translated.map((objective) => {
    const row = objectiveRow(objective, data, request.occasional);
    const remark = remarks[row.objective] ?? '';
    return { ...row, reason: [row.reason, remark].filter((part) => part !== '').join(': ') };
  });
  if (request.openLoop) rows.push(generatorRow(data));
  for (const { name, reason } of request.notMeasured ?? [])
    rows.push({ objective: name, target: '', measured: null, samples: 0, result: 'not measured', reason });
  return rows;
};

const objectiveRow = (
  { objective, target, metric, bound, countMetric, minSamples, parts, open, most, ...shown }: K6Objective,
  { metrics }: K6Summary,
  occasional: SummaryRequest['occasional'] = {},
): SummaryRow => {
  const samples = count(metrics, countMetric);
  const value = metrics[metric]?.values[shown.value];
  const met = metrics[metric]?.thresholds?.[bound]?.ok;
  const row = {
    objective: objective.name,
    target,
    measured: samples > 0 && value !== undefined ? value / shown.divisor : null,
    samples,
  };
  const judged = { ...row, result: met ? 'PASS' : 'FAIL', reason: '' } as const;
  if (shown.unit === 'per second' && samples > 0) return judged;
  if (row.measured !== null && row.measured > most) return { ...judged, result: 'FAIL' };
  const none = samples === 0 ? occasional[objective.name] : undefined;
  if (none !== undefined && count(metrics, none.looked) > 0)
    return { ...row, result: 'not measured', reason: none.reason };
  const unseen = parts.filter((part) => count(metrics, part.metric) === 0);
  if (samples > 0 && unseen.length > 0) {
    const labels = unseen.map(({ label }) => label).join(', ');
    return { ...row, result: 'INVALID', reason: `no sample of ${labels}` };
  }
  const missing = open === null ? 0 : count(metrics, open);
  if (samples > 0 && missing !== 0) {
    const reason =
      missing > 0 ? `${missing} that were due are missing` : `${-missing} more were seen than were due`;
    return { ...row, result: 'INVALID', reason };
  }
  if (samples < minSamples || met === undefined)
    return { ...row, result: 'INVALID', reason: `${minSamples} samples are needed` };
  return judged;
};

const count = (metrics: K6Summary['metrics'], name: string): number => metrics[name]?.values.count ?? 0;

const generatorRow = ({ metrics }: K6Summary): SummaryRow => {
  const dropped = count(metrics, 'dropped_iterations');
  const started = count(metrics, 'iterations');
  const result = started === 0 ? 'INVALID' : dropped === 0 ? 'PASS' : 'FAIL';
  return {
    objective: 'generator.dropped-iterations',
    target: 'dropped = 0',
    measured: dropped,
    samples: started + dropped,
    result,
    reason: dropped > 0 ? 'not sent in time: too few VUs (-e VUS), or the target stalled' : '',
  };
};

const renderRows = ({ scenario, translated }: SummaryRequest, rows: readonly SummaryRow[]): string => {
  const units = new Map(translated.map(({ objective, unit }) => [objective.name, unit]));
  const cells = rows.map((row) => [
    row.objective,
    row.target,
    row.measured === null ? '-' : formatMeasured(row.measured, units.get(row.objective) ?? 'count'),
    String(row.samples),
    row.reason ? `${row.result} (${row.reason})` : row.result,
  ]);
  return `${table([[`${scenario}: objective`, 'target', 'measured', 'samples', 'result'], ...cells])}\n`;
};

const renderTraffic = ({ names = [] }: SummaryRequest, { metrics, state }: K6Summary): string => {
  const seconds = state.testRunDurationMs / 1000;
  const line = (label: string, requests: number, failed: number, durations = {} as K6Metric['values']) => {
    const ms = (stat: string) => (requests > failed ? formatMeasured(durations[stat] ?? 0, 'ms') : '-');
    const rate = `${(requests / seconds).toFixed(1)}/s`;
    const share = requests > 0 ? formatMeasured(failed / requests, 'share') : '-';
    return [label, String(requests), rate, ms('p(50)'), ms('p(95)'), ms('p(99)'), ms('max'), share];
  };
  const all = metrics.http_req_failed?.values.passes ?? 0;
  const lines = names.map((name) => {
    const requests = count(metrics, `http_reqs{name:${name}}`);
    const good = count(metrics, `http_reqs{name:${name},expected_response:true}`);
    const durations = metrics[`http_req_duration{name:${name},expected_response:true}`]?.values;
    return line(name, requests, requests - good, durations);
  });
  const header = ['requests', 'count', 'rate', 'p50', 'p95', 'p99', 'max', 'failed'];
  return table([
    header,
    line('all', count(metrics, 'http_reqs'), all, metrics.http_req_duration?.values),
    ...lines,
  ]);
};

const renderTrends = ({ trends = [] }: SummaryRequest, { metrics }: K6Summary): string => {
  if (trends.length === 0) return '';
  const stats = ['p(50)', 'p(95)', 'p(99)', 'max'];
  const lines = trends.map((name) => {
    const values = metrics[name]?.values ?? {};
    const samples = count(metrics, samplesOf(name));
    return [
      name,
      String(samples),
      ...stats.map((stat) => (samples > 0 ? (values[stat] ?? 0).toFixed(2) : '-')),
    ];
  });
  return `\n${table([['trend', 'samples', 'p50', 'p95', 'p99', 'max'], ...lines])}\n`;
};

export const formatMeasured = (value: number, unit: K6Objective['unit']): string => {
  if (unit === 'ms') return value >= 10_000 ? `${(value / 1000).toFixed(2)}s` : `${value.toFixed(2)}ms`;
  if (unit === 'share') return `${Number((value * 100).toPrecision(4))}%`;
  if (unit === 'per second') return `${value.toFixed(1)}/s`;
  return String(Number(value.toPrecision(6)));
};

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
};
