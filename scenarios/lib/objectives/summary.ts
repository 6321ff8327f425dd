import { textFrom } from '../runtime/env.ts';
import type { Pledge } from './k6-thresholds.ts';
import { samplesOf } from './samples-of.ts';
import type { NotMeasured, Occasional } from './scenario-options.ts';
import type { SummaryRow } from './summary-row.ts';

/** The part of k6's summary data that is used; 1.8 and 2.2 agree on it. */
export interface K6Summary {
  readonly state: { readonly testRunDurationMs: number };
  readonly metrics: Readonly<Record<string, K6Metric>>;
}

export interface K6Metric {
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

export interface SummaryRequest {
  readonly scenario: string;
  readonly pledges: readonly Pledge[];
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
    ...(json ? { [json]: `${JSON.stringify({ scenario: request.scenario, rows }, null, 2)}\n` } : {}),
  };
};

export const summaryRows = (request: SummaryRequest, data: K6Summary): SummaryRow[] => {
  const remarks = request.remarks?.(data) ?? {};
  const rows = request.pledges.map((pledge) => {
    const row = pledgeRow(pledge, data, request.occasional);
    const remark = remarks[row.objective] ?? '';
    return { ...row, reason: [row.reason, remark].filter((part) => part !== '').join(': ') };
  });
  if (request.openLoop) rows.push(generatorRow(data));
  for (const { name, reason } of request.notMeasured ?? [])
    rows.push({ objective: name, target: '', measured: null, samples: 0, result: 'not measured', reason });
  return rows;
};

const pledgeRow = (
  pledge: Pledge,
  data: K6Summary,
  occasional: SummaryRequest['occasional'] = {},
): SummaryRow => {
  const samples = data.metrics[pledge.countMetric]?.values.count ?? 0;
  const metric = data.metrics[pledge.metric];
  const value = metric?.values[pledge.value];
  const kept = metric?.thresholds?.[pledge.bound]?.ok;
  const row = {
    objective: pledge.objective.name,
    target: pledge.target,
    measured: samples > 0 && value !== undefined ? value / pledge.divisor : null,
    samples,
  };
  if (pledge.unit === 'per second' && samples > 0)
    return { ...row, result: kept ? 'PASS' : 'FAIL', reason: '' };
  if (row.measured !== null && row.measured > pledge.most) return { ...row, result: 'FAIL', reason: '' };
  const none = samples === 0 ? occasional[row.objective] : undefined;
  if (none !== undefined && (data.metrics[none.looked]?.values.count ?? 0) > 0)
    return { ...row, result: 'not measured', reason: none.reason };
  const unseen = pledge.parts.filter((part) => (data.metrics[part.metric]?.values.count ?? 0) === 0);
  if (samples > 0 && unseen.length > 0) {
    const labels = unseen.map(({ label }) => label).join(', ');
    return { ...row, result: 'INVALID', reason: `no sample of ${labels}` };
  }
  const open = pledge.open === null ? 0 : (data.metrics[pledge.open]?.values.count ?? 0);
  if (samples > 0 && open !== 0) {
    const reason = open > 0 ? `${open} that were due are missing` : `${-open} more were seen than were due`;
    return { ...row, result: 'INVALID', reason };
  }
  if (samples < pledge.minSamples || kept === undefined)
    return { ...row, result: 'INVALID', reason: `${pledge.minSamples} samples are needed` };
  return { ...row, result: kept ? 'PASS' : 'FAIL', reason: '' };
};

const generatorRow = (data: K6Summary): SummaryRow => {
  const dropped = data.metrics.dropped_iterations?.values.count ?? 0;
  const started = data.metrics.iterations?.values.count ?? 0;
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

const renderRows = ({ scenario, pledges }: SummaryRequest, rows: readonly SummaryRow[]): string => {
  const units = new Map(pledges.map(({ objective, unit }) => [objective.name, unit]));
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
  const count = (metric: string) => metrics[metric]?.values.count ?? 0;
  const line = (label: string, requests: number, failed: number, durations = {} as K6Metric['values']) => {
    const ms = (stat: string) => (requests > failed ? formatMeasured(durations[stat] ?? 0, 'ms') : '-');
    const rate = `${(requests / seconds).toFixed(1)}/s`;
    const share = requests > 0 ? formatMeasured(failed / requests, 'share') : '-';
    return [label, String(requests), rate, ms('p(50)'), ms('p(95)'), ms('p(99)'), ms('max'), share];
  };
  const all = metrics.http_req_failed?.values.passes ?? 0;
  const lines = names.map((name) => {
    const requests = count(`http_reqs{name:${name}}`);
    const good = count(`http_reqs{name:${name},expected_response:true}`);
    const durations = metrics[`http_req_duration{name:${name},expected_response:true}`]?.values;
    return line(name, requests, requests - good, durations);
  });
  const header = ['requests', 'count', 'rate', 'p50', 'p95', 'p99', 'max', 'failed'];
  return table([header, line('all', count('http_reqs'), all, metrics.http_req_duration?.values), ...lines]);
};

const renderTrends = ({ trends = [] }: SummaryRequest, { metrics }: K6Summary): string => {
  if (trends.length === 0) return '';
  const stats = ['p(50)', 'p(95)', 'p(99)', 'max'];
  const lines = trends.map((name) => {
    const values = metrics[name]?.values ?? {};
    const samples = metrics[samplesOf(name)]?.values.count ?? 0;
    return [
      name,
      String(samples),
      ...stats.map((stat) => (samples > 0 ? (values[stat] ?? 0).toFixed(2) : '-')),
    ];
  });
  return `\n${table([['trend', 'samples', 'p50', 'p95', 'p99', 'max'], ...lines])}\n`;
};

export const formatMeasured = (value: number, unit: Pledge['unit']): string => {
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
