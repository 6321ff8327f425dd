import gateway from '../thresholds/gateway.ts';
import gatewayThroughput from '../thresholds/gateway-throughput.ts';
import { durationFrom, numberFrom, wholeNumber } from './lib/env.ts';
import { exec, http, sleep } from './lib/k6.ts';
import { at, inTurn } from './lib/levels.ts';
import { offeredFor, within } from './lib/offered.ts';
import { promises } from './lib/promises.ts';
import { baseUrl, request, timeoutMs } from './lib/target.ts';

/**
 * GET /health at 10, 100 and 1000 virtual users, then at 1000 requests a second open loop. The objectives hold at each level
 * apart, so that a good level does not cover for a bad one. A level of users offers at most 1000 requests a second in all.
 */
const levelMs = durationFrom('LEVEL_DURATION', 30_000, 1000);
const plateauMs = durationFrom('DURATION', 60_000, 1000);
const rate = numberFrom('RATE', 1000, wholeNumber);
const vus = numberFrom('VUS', Math.max(50, rate), wholeNumber);
const userCounts = [10, 100, 1000];
/** In all, at each level of users. */
const levelRate = numberFrom('LEVEL_RATE', 1000, wholeNumber);
const paceSeconds = (users: number) => Math.max(0.1, users / levelRate);

const pledged = promises(() => {
  const levels = [...userCounts.map((users) => `users-${users}`), 'open-loop'];
  const throughput = within(rate, gatewayThroughput);
  return {
    scenario: 'golden-signals',
    objectives: [...levels.flatMap((level) => at(level, gateway)), ...at('open-loop', throughput.measured)],
    notMeasured: [
      ...throughput.notMeasured,
      ...['cpu', 'memory', 'disk'].map((what) => ({
        name: `saturation.${what}`,
        reason:
          'it is in the metrics of the machines, not in answers; build/soak.js reads those of the services',
      })),
    ],
    openLoop: true,
    throughputSeconds: plateauMs / 1000,
  };
});

const gapMs = timeoutMs + 1000;
export const options = {
  scenarios: inTurn(gapMs, [
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
  ]),
  discardResponseBodies: true,
  thresholds: pledged.thresholds,
  summaryTrendStats: pledged.summaryTrendStats,
};
export const handleSummary = pledged.handleSummary;

const url = `${baseUrl}/health`;
const params = request({ name: 'GET /health' });

export const openLoop = () => {
  http.get(url, params);
};

export const asUser = () => {
  const pace = paceSeconds(Number(exec.scenario.name.slice('users-'.length)));
  // Users do not arrive in step: each starts somewhere in its first second.
  if (exec.vu.iterationInScenario === 0) sleep(Math.random() * pace);
  const start = Date.now();
  http.get(url, params);
  sleep(Math.max(0, pace - (Date.now() - start) / 1000));
};

export default openLoop;
