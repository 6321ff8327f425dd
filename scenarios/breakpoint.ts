import breakpoint, { leastRate, step } from '../thresholds/breakpoint.ts';
import { countedCounter, countedTrend } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { limitRemark, limits, outcome } from './lib/rates/search-outcome.ts';
import { nextRate, type Probe } from './lib/rates/search-rate.ts';
import { now, pause } from './lib/runtime/clock.ts';
import { durationFrom, numberFrom, shareFrom, wholeNumber } from './lib/runtime/env.ts';
import { Counter, http } from './lib/runtime/k6.ts';
import { requestName, requestPath } from './lib/runtime/request-path.ts';
import { baseUrl, request } from './lib/runtime/target.ts';

/**
 * Raises the arrival rate until an objective breaks, then narrows down to the highest rate that holds, and says whether the target
 * or the generator is the limit. One virtual user sends open loop on its event loop, because k6's own executors fix their rates
 * before the run, and this search depends on what it measures. Latency counts from when a request was due.
 */
const from = numberFrom('RATE_FROM', 50, wholeNumber);
const max = numberFrom('RATE_MAX', 5_000, wholeNumber);
const precision = shareFrom('PRECISION', 0.05);
const stepMs = durationFrom('STEP', 10_000, 500);
const restMs = durationFrom('REST', 1_000);
const p95Ms = durationFrom('P95', step.p95Ms, 1);
const p99Ms = durationFrom('P99', step.p99Ms, 1);
const maxErrors = shareFrom('ERRORS', step.errorShare);
/** If more sends than this are late, it is the generator that broke. */
const maxLate = shareFrom('LATE', 0.01);
const lateMs = durationFrom('LATE_AFTER', 50, 1);
const url = `${baseUrl}${requestPath}`;

/** The least acceptable rate is a setting: not every target is a gateway. */
const atLeast = numberFrom('AT_LEAST', leastRate);

/** The rate that held, if it says anything about the target. */
const found = countedCounter('breakpoint_rate');
/** The rate that held, in any case. */
const held = new Counter('breakpoint_held');
const limitOf = {
  breakpoint_limit_target: new Counter('breakpoint_limit_target'),
  breakpoint_limit_generator: new Counter('breakpoint_limit_generator'),
  breakpoint_limit_max: new Counter('breakpoint_limit_max'),
};
const fromDue = countedTrend('breakpoint_latency');

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'breakpoint',
  objectives: breakpoint.map((objective) => ('counter' in objective ? { ...objective, atLeast } : objective)),
  openLoop: false,
  trends: ['breakpoint_latency'],
  remarks: (data) => ({ 'gateway.throughput': limitRemark(data) }),
}));

export const options = {
  scenarios: {
    search: {
      executor: 'per-vu-iterations',
      vus: 1,
      iterations: 1,
      maxDuration: `${60 * (stepMs + restMs + 10_000)}ms`,
    },
  },
  discardResponseBodies: true,
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

const params = request({ name: requestName });

export default async function search() {
  const tried: Probe[] = [];
  for (;;) {
    const { next, holds, breaks } = nextRate(tried, { from, max, precision });
    if (next === null) {
      const { judged, limit, limitRate } = outcome({ holds, breaks }, atLeast);
      held.add(holds);
      limitOf[limit].add(limitRate);
      // Without a sample the objective is INVALID: a generator that is the limit is not the target's fault.
      if (judged !== null) found.add(judged);
      const detail = breaks === null ? '' : `: ${breaks.detail}`;
      console.info(`breakpoint: ${holds}/s held; the limit is ${limits[limit]} at ${limitRate}/s${detail}`);
      return;
    }
    const probe = await tryRate(next);
    tried.push(probe);
    console.info(`breakpoint: ${next}/s ${probe.broke === null ? 'holds' : 'breaks'}: ${probe.detail}`);
    await pause(restMs);
  }
}

/** Sends at this rate for a step and waits for the answers. */
const tryRate = async (rate: number): Promise<Probe> => {
  const count = Math.max(1, Math.round((rate * stepMs) / 1000));
  const latencies: number[] = [];
  let late = 0;
  let bad = 0;
  let inFlight = 0;
  const start = now() + 10;
  const due = (nth: number) => start + (nth * 1000) / rate;
  let broken = false;
  for (let nth = 0; nth < count && !broken; ) {
    if (due(nth) > now()) await pause(due(nth) - now());
    // Everything that is due by now goes out before the event loop turns again.
    for (; nth < count && due(nth) <= now(); nth += 1) {
      const dueAt = due(nth);
      if (now() - dueAt > lateMs) late += 1;
      inFlight += 1;
      http.asyncRequest('GET', url, null, params).then(
        ({ status }) => {
          inFlight -= 1;
          if (status < 200 || status >= 400) bad += 1;
          latencies.push(now() - dueAt);
        },
        () => {
          inFlight -= 1;
          bad += 1;
        },
      );
      // Let answers be counted between sends, even when sends are behind.
      if (nth % 50 === 49) await pause(0);
    }
    // Once it has clearly broken, there is no need to go on to the end.
    broken = bad > count * maxErrors + 10 || inFlight > Math.max(200, 2 * rate);
  }
  const giveUp = now() + 10_000;
  while (inFlight > 0 && now() < giveUp) await pause(20);
  return verdict({ rate, count, latencies, late, bad: bad + inFlight });
};

const verdict = (tried: {
  rate: number;
  count: number;
  latencies: number[];
  late: number;
  bad: number;
}): Probe => {
  const { rate, count, latencies, late, bad } = tried;
  for (const latency of latencies) fromDue.add(latency);
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ??
    Number.POSITIVE_INFINITY;
  const [p95, p99] = [at(0.95), at(0.99)];
  const detail = `p95 ${p95.toFixed(1)}ms, p99 ${p99.toFixed(1)}ms, failed ${bad}, late sends ${late} of ${count}`;
  const broken = p95 >= p95Ms || p99 >= p99Ms || bad / count >= maxErrors;
  // A late generator makes the target look slow, so it is named first.
  const broke = late / count > maxLate ? 'generator' : broken ? 'target' : null;
  return { rate, broke, detail };
};
