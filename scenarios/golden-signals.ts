import gateway from '../thresholds/gateway.ts';
import gatewayThroughput from '../thresholds/gateway-throughput.ts';
import saturation from '../thresholds/saturation.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { hostTrends, watchHost } from './lib/pages/host.ts';
import { at, inTurn } from './lib/rates/levels.ts';
import { offeredFor, within } from './lib/rates/offered.ts';
import { durationFrom, numberFrom, textFrom, urlFrom, wholeNumber } from './lib/runtime/env.ts';
import { exec, http, sleep } from './lib/runtime/k6.ts';
import { forRequestPath, requestName, requestPath } from './lib/runtime/request-path.ts';
import { baseUrl, request, timeoutMs } from './lib/runtime/target.ts';

/**
 * GET /health (or of another path) at 10, 100 and 1000 virtual users, then at 1000 requests a second open loop. The objectives must hold at each level
 * separately, so that a good level does not make up for a bad one. A level of users sends at most 1000 requests a second in all.
 * During the open loop the target's machine is watched, too, if HOST_METRICS names its node_exporter.
 */
const levelMs = durationFrom('LEVEL_DURATION', 30_000, 1000);
const plateauMs = durationFrom('DURATION', 60_000, 1000);
const rate = numberFrom('RATE', 1000, wholeNumber);
const vus = numberFrom('VUS', Math.max(50, rate), wholeNumber);
const userCounts = [10, 100, 1000];
/** The most requests a second, by all users of a level together. */
const levelRate = numberFrom('LEVEL_RATE', 1000, wholeNumber);
const paceSeconds = (users: number) => Math.max(0.1, users / levelRate);

/** The machine's own page of metrics: nothing in an answer says how busy the machine is. */
const host =
  textFrom('HOST_METRICS', '') === '' ? null : urlFrom('HOST_METRICS', 'http://127.0.0.1:9100/metrics');

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => {
  const levels = [...userCounts.map((users) => `users-${users}`), 'open-loop'];
  const throughput = within(rate, gatewayThroughput);
  return {
    scenario: 'golden-signals',
    objectives: [
      ...levels.flatMap((level) => at(level, forRequestPath(gateway))),
      ...at('open-loop', throughput.measured),
      ...(host === null ? [] : saturation),
    ],
    trends: host === null ? [] : hostTrends,
    notMeasured: [
      ...throughput.notMeasured,
      ...(host === null ? saturation : []).map(({ name }) => ({
        name,
        reason: 'it is in the metrics of the machine: -e HOST_METRICS=URL of its node_exporter',
      })),
    ],
    openLoop: true,
    throughputSeconds: plateauMs / 1000,
  };
});

const gapMs = timeoutMs + 1000;
const loads = inTurn(gapMs, [
  ...userCounts.map((users) => ({
    name: `users-${users}`,
    durationMs: levelMs,
    executor: { executor: 'constant-vus', vus: users, duration: `${levelMs}ms`, exec: 'asUser' },
  })),
  {
    name: 'open-loop',
    durationMs: plateauMs,
    executor: {
      executor: 'constant-arrival-rate',
      rate: offeredFor(rate),
      timeUnit: '1s',
      duration: `${plateauMs}ms`,
      preAllocatedVUs: vus,
      maxVUs: vus,
      exec: 'openLoop',
    },
  },
]);

/** Runs as long as the open loop. */
const watcher = {
  executor: 'per-vu-iterations',
  vus: 1,
  iterations: 1,
  startTime: loads['open-loop']?.startTime,
  maxDuration: `${plateauMs + 60_000}ms`,
  exec: 'watch',
};

export const options = {
  scenarios: { ...loads, ...(host === null ? {} : { host: watcher }) },
  discardResponseBodies: true,
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

const url = `${baseUrl}${requestPath}`;
const params = request({ name: requestName });

export const openLoop = () => {
  http.get(url, params);
};

export const asUser = () => {
  const pace = paceSeconds(Number(exec.scenario.name.slice('users-'.length)));
  // Users do not arrive in step: each starts at a random time in its first second.
  if (exec.vu.iterationInScenario === 0) sleep(Math.random() * pace);
  const start = Date.now();
  http.get(url, params);
  sleep(Math.max(0, pace - (Date.now() - start) / 1000));
};

export const watch = () => {
  if (host !== null) watchHost(host, plateauMs);
};

export default openLoop;
