import { stringify } from 'yaml';
import { type CountedEvents, WINDOW } from '../../../chaos/schema/slo.ts';
import { BURN_RATE_ALERTS, BURN_RATE_WINDOWS } from '../../objectives/budget/burn-rates.ts';
import type { PromisedShare } from '../../objectives/budget/promised-share.ts';
import { promqlDuration } from './promql-duration.ts';

export interface ExportedObjective {
  readonly name: string;
  readonly promised: PromisedShare;
  readonly events: CountedEvents;
}

/**
 * Recording rules for the share of bad events over each window, and alerts when the budget burns too fast or is spent: a rule file for
 * Prometheus, as `promtool check rules` wants it. Alerts have the labels `slo`, `service` and `severity`.
 */
export function prometheusRules(objectives: readonly ExportedObjective[], service: string): string {
  const groups = objectives.map((one) => ({
    name: `slo-${service}-${one.name}`,
    rules: [...recordings(one, service), ...alerts(one, service)],
  }));
  return stringify({ groups }, { lineWidth: 0 });
}

function recordings({ name, promised, events }: ExportedObjective, service: string): object[] {
  return [...Object.keys(BURN_RATE_WINDOWS), promqlDuration(promised.windowMs)]
    .filter(unique)
    .map((window) => ({
      record: recordOf(window),
      expr: badShare(events, window),
      labels: { slo: name, service },
    }));
}

/** Where nothing failed there may be no series of failures, and that is no reason for no answer. */
function badShare({ bad, good, total }: CountedEvents, window: string): string {
  const over = (query: string) => `(${query.trim().replaceAll(WINDOW, window)})`;
  const all = over(total);
  if (bad !== undefined) return `(${over(bad)} or 0 * ${all}) / ${all}`;
  return `1 - (${over(good ?? '')} or 0 * ${all}) / ${all}`;
}

function alerts({ name, promised }: ExportedObjective, service: string): object[] {
  const allowed = Number((1 - promised.good).toPrecision(12));
  const own = `{slo="${name}",service="${service}"}`;
  const above = (window: string, factor: number) =>
    `${recordOf(window)}${own} > ${Number((factor * allowed).toPrecision(12))}`;
  const burning = BURN_RATE_ALERTS.map(({ long, short, factor, severity }) => ({
    alert: severity === 'page' ? 'ErrorBudgetBurnsFast' : 'ErrorBudgetBurns',
    expr: `${above(long, factor)} and ${above(short, factor)}`,
    labels: { slo: name, service, severity, long_window: long },
    annotations: {
      summary: `The error budget of ${name} burns at more than ${factor} times the allowed rate`,
      description: `Over ${long} and over ${short}. Promised: ${percent(promised.good)} over ${promised.window} ${promised.meaning}.`,
    },
  }));
  return [
    ...burning,
    {
      alert: 'ErrorBudgetSpent',
      expr: above(promqlDuration(promised.windowMs), 1),
      labels: { slo: name, service, severity: 'freeze' },
      annotations: {
        summary: `The error budget of ${name} is spent`,
        description: `Promised: ${percent(promised.good)} over ${promised.window} ${promised.meaning}. Deployments wait until the window has moved on.`,
      },
    },
  ];
}

function recordOf(window: string): string {
  return `slo:bad_events:ratio_rate${window}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(12))} %`;
}

function unique<T>(value: T, index: number, all: readonly T[]): boolean {
  return all.indexOf(value) === index;
}
