import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import which from 'which';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { promisedShare } from '../../objectives/budget/promised-share.ts';
import { importOpenSlo } from '../../plan/import-open-slo.ts';
import { openSlo } from './open-slo.ts';
import { type ExportedObjective, prometheusRules } from './prometheus-rules.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-slo-'));
afterAll(() => rmSync(directory, { recursive: true }));

const BAD = 'sum(rate(http_requests_total{job="gateway",code=~"5.."}[$window]))';
const TOTAL = 'sum(rate(http_requests_total{job="gateway"}[$window]))';
function exported(name: string, objective: object, events: object): ExportedObjective {
  const promised = promisedShare({ name, ...objective } as never);
  if (promised === null) throw new Error(`${name} is no share`);
  return { name, promised, events: { total: TOTAL, ...events } as never };
}
const availability = exported(
  'gateway.availability',
  { availability: true, atLeast: '99.9%', window: '30d' },
  { bad: BAD },
);
const fast = exported(
  'gateway.latency.p95',
  { percentile: 95, below: '100ms' },
  { good: 'sum(rate(http_request_duration_seconds_bucket{le="0.1"}[$window]))' },
);

describe.skipIf(which.sync('promtool', { nothrow: true }) === null)('promtool', () => {
  const [rules, both] = [path.join(directory, 'rules.yaml'), path.join(directory, 'both.yaml')];
  writeFileSync(rules, prometheusRules([availability], 'gateway'));
  writeFileSync(both, prometheusRules([availability, fast], 'gateway'));

  test('takes the rules', () => {
    expect(execFileSync('promtool', ['check', 'rules', both], { encoding: 'utf8' })).toContain(
      '20 rules found',
    );
  });

  // 1000 requests a minute; how many of them fail, from when on, and which alert fires then.
  test.each([
    ['nothing fails, and there is no series of failures', null, []],
    ['one in 1000 fails: as fast as allowed', 0.999, []],
    ['two in 1000 fail', 2, ['ticket', 'freeze']],
    ['15 in 1000 fail', 15, ['page 1h', 'page 6h', 'ticket', 'freeze']],
  ])(
    'fires the right alerts: %s',
    (_, failing, firing) => {
      const minutes = 4 * 24 * 60;
      const input = [
        {
          series: 'http_requests_total{job="gateway",code="200"}',
          values: `0+${1000 - (failing ?? 0)}x${minutes}`,
        },
        ...(failing === null
          ? []
          : [{ series: 'http_requests_total{job="gateway",code="503"}', values: `0+${failing}x${minutes}` }]),
      ];
      const labels = (severity: string, long?: string) => ({
        exp_labels: {
          ...{ slo: 'gateway.availability', service: 'gateway', severity },
          ...(long === undefined ? {} : { long_window: long }),
        },
      });
      const said = (name: string) => firing.filter((one) => one.startsWith(name));
      const alert = (alertname: string, exp_alerts: ReturnType<typeof labels>[]) => ({
        alertname,
        eval_time: '4d',
        exp_alerts,
      });
      const pages = said('page').map((one) => labels('page', one.slice(5)));
      const file = path.join(directory, 'test.yaml');
      writeFileSync(
        file,
        stringify({
          rule_files: [rules],
          evaluation_interval: '1d',
          tests: [
            {
              interval: '1m',
              input_series: input,
              // A share that is not there would be no alert for ever.
              promql_expr_test: [
                {
                  expr: 'count(slo:bad_events:ratio_rate1h)',
                  eval_time: '4d',
                  exp_samples: [{ labels: '{}', value: 1 }],
                },
              ],
              alert_rule_test: [
                alert('ErrorBudgetBurnsFast', pages),
                alert(
                  'ErrorBudgetBurns',
                  said('ticket').map(() => labels('ticket', '3d')),
                ),
                alert(
                  'ErrorBudgetSpent',
                  said('freeze').map(() => labels('freeze')),
                ),
              ].map((one) => ({ ...one, exp_alerts: one.exp_alerts.map(withTexts(one.alertname)) })),
            },
          ],
        }),
      );
      const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
      expect(`${status} ${stdout}${stderr}`).toContain('SUCCESS');
    },
    60_000,
  );

  /** promtool compares the texts, too: those of the rules. */
  function withTexts(alertname: string) {
    return (expected: { readonly exp_labels: { readonly long_window?: string } }) => {
      const all = parse(prometheusRules([availability], 'gateway')).groups[0].rules;
      const rule = all.find(
        (one: { alert?: string; labels: Record<string, string> }) =>
          one.alert === alertname && one.labels.long_window === expected.exp_labels.long_window,
      );
      return { ...expected, exp_annotations: rule.annotations };
    };
  }
});

test('a query with a good count is turned round, and the window is written as PromQL does', () => {
  const days = exported('x', { errors: true, below: '1%' }, { good: BAD });
  const text = prometheusRules([{ ...days, promised: { ...days.promised, windowMs: 5_400_000 } }], 's');
  expect(text).toContain('slo:bad_events:ratio_rate90m');
  expect(text).toContain('1 - ((sum(rate(http_requests_total{job="gateway",code=~"5.."}[90m])))');
  expect(text).not.toContain('$window');
});

test('OpenSLO that is exported is imported as it was', () => {
  const text = openSlo([availability, fast], 'My Gateway');
  const documents = parseAllDocuments(text).map((one) => one.toJS());
  expect(documents.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.name])).toEqual([
    ['openslo/v1', 'SLO', 'gateway-availability'],
    ['openslo/v1', 'SLO', 'gateway-latency-p95'],
  ]);
  expect(documents[0].spec).toMatchObject({
    service: 'my-gateway',
    timeWindow: [{ duration: '30d', isRolling: true }],
    objectives: [{ target: 0.999 }],
  });
  expect(importOpenSlo(text, 'x')).toEqual({
    left: [],
    objectives: {
      'gateway-availability': { bad: BAD, total: TOTAL, atLeast: '99.9%', window: '30d' },
      'gateway-latency-p95': { good: fast.events.good, total: TOTAL, atLeast: '95%', window: '30d' },
    },
  });
});
