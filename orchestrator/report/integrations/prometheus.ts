import path from 'node:path';
import type { Outcome, Verdict } from '../../verdict.types.ts';
import { type Integration, under } from './integration.ts';

/**
 * Metrics of the newest run of a drill on an environment, in Prometheus' text format: pushed to a Pushgateway under
 * `job` and the two names (PUT: what the run before had and this one has not goes away), or written for node_exporter.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export const prometheus: Integration<'prometheus'> = {
  name: 'prometheus',
  deliveries({ pushgateway, textfile, job }, { verdict, squall }) {
    const { drill, environment } = verdict;
    const names = { drill, environment };
    return [
      ...(textfile === undefined
        ? []
        : [
            {
              file: path.join(textfile, `squall-${environment}-${drill}.prom`),
              text: metricsText(verdict, squall, { job, ...names }),
            },
          ]),
      ...(pushgateway === undefined
        ? []
        : [
            {
              method: 'PUT' as const,
              // Names of drills and environments have letters, digits and dashes only; a job is checked.
              url: under(
                pushgateway,
                `/metrics/job/${encodeURIComponent(job)}/drill/${drill}/environment/${environment}`,
              ),
              headers: { 'content-type': 'text/plain; version=0.0.4' },
              // The names are in the URL: the gateway adds them to each line.
              body: metricsText(verdict, squall, {}),
            },
          ]),
    ];
  },
};

type Labels = Readonly<Record<string, string>>;
type Row = readonly [labels: Labels, value: number | null];

/** Every metric of a run with `labels` on each line. Null values are left out: nothing was measured. Durations are in seconds. */
export function metricsText(verdict: Verdict, squall: string, labels: Labels): string {
  const { faults, objectives, phases, budget, writes } = verdict;
  const metric = (name: string, help: string, rows: readonly Row[]) => {
    const lines = rows.flatMap(([own, value]) =>
      value === null ? [] : [`squall_${name}${braces({ ...labels, ...own })} ${value}`],
    );
    return lines.length === 0
      ? []
      : [`# HELP squall_${name} ${help}`, `# TYPE squall_${name} gauge`, ...lines];
  };
  const verdicts: readonly Outcome[] = ['PASS', 'FAIL', 'INVALID'];
  const ofFault = (value: (one: Verdict['faults'][number]) => number | null): Row[] =>
    faults.map((one) => [{ fault: one.name, kind: one.kind, component: one.component }, value(one)]);
  return [
    ...metric('run_info', 'The newest run: its id, and the version of squall.', [
      [{ run: verdict.run, squall }, 1],
    ]),
    ...metric('run_verdict', '1 for the verdict of the newest run, 0 for the two others.', [
      ...verdicts.map((one): Row => [{ verdict: one }, one === verdict.verdict ? 1 : 0]),
    ]),
    ...metric('run_end_timestamp_seconds', 'When the newest run ended.', [
      [{}, Date.parse(verdict.endedAt) / 1000],
    ]),
    ...metric('run_duration_seconds', 'How long the newest run took.', [
      [{}, (Date.parse(verdict.endedAt) - Date.parse(verdict.startedAt)) / 1000],
    ]),
    ...metric('run_residue', 'What the run left behind.', [[{}, verdict.residue.length]]),
    ...metric(
      'phase_requests',
      'Requests of a phase.',
      phases.map((one) => [{ phase: one.name }, one.requests]),
    ),
    ...metric(
      'phase_errors',
      'Failed requests and dropped iterations of a phase.',
      phases.map((one) => [{ phase: one.name }, one.errors]),
    ),
    ...metric(
      'phase_latency_seconds',
      'Latency of successful requests in a phase.',
      phases.flatMap((one): Row[] => [
        [{ phase: one.name, percentile: '50' }, seconds(one.p50)],
        [{ phase: one.name, percentile: '95' }, seconds(one.p95)],
        [{ phase: one.name, percentile: '99' }, seconds(one.p99)],
      ]),
    ),
    ...metric(
      'objective_passed',
      '1 held, 0 broken; left out: not measured.',
      objectives.map((one) => [{ objective: one.name, phase: one.phase }, passed(one.result)]),
    ),
    ...metric(
      'objective_measured',
      "What was measured, in the objective's own unit.",
      objectives.map((one) => [{ objective: one.name, phase: one.phase, target: one.target }, one.measured]),
    ),
    ...metric(
      'fault_passed',
      '1 as expected, 0 not; left out: not proven.',
      ofFault((one) => passed(one.result)),
    ),
    ...metric(
      'fault_downtime_seconds',
      'Downtime by a fault.',
      ofFault((one) => seconds(one.downtimeMs)),
    ),
    ...metric(
      'fault_detected_seconds',
      'From the injection to the alert.',
      ofFault((one) => seconds(one.detectedAfterMs)),
    ),
    ...metric(
      'fault_recovered_seconds',
      'From the proof of a fault, or its end, to the recovery.',
      ofFault((one) => seconds(one.recoveredAfterMs)),
    ),
    ...metric(
      'fault_failed_requests',
      'Failed requests by a fault.',
      ofFault((one) => one.failedRequests),
    ),
    ...metric(
      'writes_lost',
      'Acknowledged writes that are gone.',
      writes === null || writes.result === 'INVALID' ? [] : [[{}, writes.lost]],
    ),
    ...metric(
      'budget_consumed_ratio',
      "Share of the window's error budget that a phase spent.",
      budget.map((one) => [{ objective: one.objective, window: one.window, phase: one.phase }, one.consumed]),
    ),
    '',
  ].join('\n');
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

function passed(result: Outcome): number | null {
  return result === 'INVALID' ? null : result === 'PASS' ? 1 : 0;
}

function braces(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
