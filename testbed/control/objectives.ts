import { Gauge } from 'prom-client';
import { services } from '../lib/inventory.ts';
import type { Service } from '../lib/service.ts';
import { origin } from '../lib/testbed.ts';
import { type Budget, createBudget } from './budget.ts';
import type { Control } from './context.ts';

/** What the gateways promise; the control plane has its own copy, like any other target. */
const promised = { errorShare: 0.001, slowerThan100ms: 0.05, inUse: 0.8 } as const;
/** Fewer answers in a round tell nothing about a share. */
const leastRequests = 20;

export interface Objectives {
  /** Once a round. */
  watch(): Promise<void>;
  budget(): Budget;
}

interface Counts {
  readonly at: number;
  readonly requests: number;
  readonly failed: number;
  readonly timed: number;
  readonly fast: number;
  readonly cpuSeconds: number;
}

/**
 * Reads what the gateways count, once a round: alerts when their objectives are broken, and keeps the error budget of a window. Off unless
 * `watch-objectives` is set.
 */
export function watchObjectives(control: Control, { registry }: Pick<Service, 'registry'>): Objectives {
  const before = new Map<string, Counts>();
  const budget = createBudget(promised.errorShare);
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });
  const spentGauge = gauge('control_budget_spent_ratio', "Of the window's error budget");
  const forecastGauge = gauge(
    'control_budget_forecast_ratio',
    'Spent at the end of the window, as it goes on now',
  );
  const frozenGauge = gauge('control_deployments_frozen', '1: the error budget is spent');

  return {
    async watch() {
      const settings = control.settings();
      if (!settings['watch-objectives']) return;
      const gateways = services.filter(({ component }) => component === 'gateway');
      const rounds = await Promise.all(
        gateways.map(({ name }) => roundOf(name, `${origin(control.testbed, name)}/metrics`)),
      );
      const known = rounds.filter((round) => round !== undefined);
      const sum = (of: (round: Counts) => number) => known.reduce((total, round) => total + of(round), 0);
      const requests = sum((round) => round.requests);
      const errorShare = requests < leastRequests ? 0 : sum((round) => round.failed) / requests;
      const slowShare =
        requests < leastRequests
          ? 0
          : 1 -
            sum((round) => round.fast) /
              Math.max(
                1,
                sum((round) => round.timed),
              );
      const busiest = Math.max(0, ...known.map((round) => inUse(round, settings['gateway-capacity'])));
      state(
        'errors',
        'ErrorRate',
        errorShare > promised.errorShare,
        `${percent(errorShare)} of the requests fail`,
      );
      state(
        'latency',
        'Latency',
        slowShare > promised.slowerThan100ms,
        `${percent(slowShare)} of the requests take more than 100 ms`,
      );
      state(
        'saturation',
        'Saturation',
        busiest > promised.inUse,
        `a gateway has ${percent(busiest)} of its processor or of its capacity in use`,
      );
      const roundMs = Math.max(0, ...known.map(({ at }) => at));
      const isBlind = settings['forecast-blind'];
      budget.spend(errorShare, roundMs, { windowMs: settings['budget-window-ms'], isBlind });
      const { spent, forecast, frozen } = told();
      spentGauge.set(spent);
      forecastGauge.set(forecast);
      frozenGauge.set(frozen ? 1 : 0);
    },
    budget: told,
  };

  function told(): Budget {
    const now = budget.read();
    return { ...now, frozen: now.frozen && !control.settings()['never-freeze'] };
  }

  /** What happened since the last round; undefined when nobody knows. Times are in `at`, in ms. */
  async function roundOf(name: string, url: string): Promise<Counts | undefined> {
    const page = await fetch(url, { signal: AbortSignal.timeout(1_000) })
      .then((response) => response.text())
      .catch(() => undefined);
    if (page === undefined) return undefined;
    const counts = countsOf(page);
    const last = before.get(name);
    before.set(name, counts);
    // A process that was started anew counts from 0.
    if (last === undefined || counts.requests < last.requests) return undefined;
    return {
      at: counts.at - last.at,
      requests: counts.requests - last.requests,
      failed: counts.failed - last.failed,
      timed: counts.timed - last.timed,
      fast: counts.fast - last.fast,
      cpuSeconds: counts.cpuSeconds - last.cpuSeconds,
    };
  }

  function state(key: string, alertname: string, broken: boolean, summary: string): void {
    const about = { component: 'objectives', instance: 'gateway', severity: 'warning' } as const;
    if (!broken) control.incidents.resolve(`objective:${key}`);
    else if (!control.settings()['no-objective-alerts'])
      control.incidents.fire(`objective:${key}`, { alertname, summary, ...about });
  }
}

/** The share of a processor that it uses, or of what it takes on in a second, whichever is more. */
function inUse({ cpuSeconds, requests, at }: Counts, capacity: number): number {
  const seconds = at / 1_000;
  return Math.max(cpuSeconds / seconds, capacity === 0 ? 0 : requests / seconds / capacity);
}

function countsOf(page: string): Counts {
  const sum = (pattern: RegExp) =>
    [...page.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
  return {
    at: performance.now(),
    requests: sum(/^http_requests_total\{[^}]*\} (\S+)$/gm),
    failed: sum(/^http_requests_total\{[^}]*status="5\d\d"[^}]*\} (\S+)$/gm),
    timed: sum(/^http_request_duration_seconds_count\{[^}]*\} (\S+)$/gm),
    fast: sum(/^http_request_duration_seconds_bucket\{[^}]*le="0\.1"[^}]*\} (\S+)$/gm),
    cpuSeconds: sum(/^process_cpu_seconds_total (\S+)$/gm),
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
