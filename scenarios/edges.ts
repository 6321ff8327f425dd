import edges from '../thresholds/edges.ts';
import gateway from '../thresholds/gateway.ts';
import health from '../thresholds/health.ts';
import { type Accounts, rows } from './lib/journeys/edges.ts';
import { countedCounter, countedRate } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { classify, type Health, report } from './lib/pages/health.ts';
import { at } from './lib/rates/levels.ts';
import { bearer, login } from './lib/runtime/auth.ts';
import { durationFrom, numberFrom, textFrom, wholeNumber } from './lib/runtime/env.ts';
import { fieldsOf } from './lib/runtime/fields.ts';
import { http, sleep } from './lib/runtime/k6.ts';
import { baseUrl, request } from './lib/runtime/target.ts';

/**
 * Every row of bad or hostile input, at rest and then under honest traffic whose own targets must hold meanwhile. All the time the
 * health check is read as a person would read it: degraded, down and flapping are told apart.
 */
const restMs = durationFrom('REST', 20_000, 1_000);
const durationMs = durationFrom('DURATION', 60_000, 1_000);
const rate = numberFrom('RATE', 300, wholeNumber);
const vus = numberFrom('VUS', Math.max(50, rate), wholeNumber);
const everyMs = durationFrom('HEALTH_EVERY', 250, 10);

const kept = countedRate('edge_kept');
const degraded = countedCounter('health_degraded');
const outages = countedCounter('health_outages');
const flapping = countedCounter('health_flapping');

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'edges',
  objectives: [...at('at-rest', edges), ...at('under-load', edges), ...at('honest', gateway), ...health],
  openLoop: true,
  notMeasured: [
    {
      name: 'cascading-failure',
      reason: 'a service has to fail for it: squall drill chaos/drills/cascade.yaml',
    },
  ],
}));

const rounds = { executor: 'constant-vus', vus: 1, gracefulStop: '60s', exec: 'hostile' };
export const options = {
  scenarios: {
    'at-rest': { ...rounds, duration: `${restMs}ms` },
    'under-load': { ...rounds, startTime: `${restMs}ms`, duration: `${durationMs}ms` },
    honest: {
      executor: 'constant-arrival-rate',
      startTime: `${restMs}ms`,
      duration: `${durationMs}ms`,
      rate,
      timeUnit: '1s',
      preAllocatedVUs: vus,
      maxVUs: vus,
      exec: 'honest',
    },
    health: {
      executor: 'per-vu-iterations',
      vus: 1,
      iterations: 1,
      maxDuration: `${restMs + durationMs + 60_000}ms`,
      exec: 'watchHealth',
    },
  },
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

export const setup = (): Accounts => ({
  user: login(),
  alice: login(textFrom('ALICE', 'alice')),
  bob: login(textFrom('BOB', 'bob')),
  expired: textFrom('EXPIRED_TOKEN', '') || shortLived(),
});

export const hostile = (accounts: Accounts) => {
  for (const [name, keeps] of rows(accounts)) {
    const answer = keeps();
    // No answer at all says nothing about the row. It shows in the honest traffic.
    if (answer !== null) kept.add(answer, { row: name });
  }
  sleep(1);
};

const honestParams = request({ name: 'GET /health' });
export const honest = () => {
  http.get(`${baseUrl}/health`, honestParams);
};

export const watchHealth = () => {
  const checks: { atMs: number; health: Health }[] = [];
  const params = {
    ...request({ name: 'GET /health (as a person reads it)' }),
    timeout: '6s',
    responseType: 'text' as const,
    responseCallback: http.expectedStatuses({ min: 200, max: 599 }),
  };
  let answers = 0;
  const end = Date.now() + restMs + durationMs;
  // A check that takes longer than the pause replaces the next ones: catching up on them would outlast the run.
  for (let due = Date.now(); due < end; due = Math.max(due + everyMs, Date.now())) {
    const response = http.get(`${baseUrl}/health`, params);
    if (response.status > 0) answers += 1;
    const body = String(response.body ?? '');
    checks.push({
      atMs: Date.now(),
      health: classify({ status: response.status, body, durationMs: response.timings.duration }),
    });
    sleep(Math.max(0, due + everyMs - Date.now()) / 1000);
  }
  const found = report(checks);
  outages.add(found.outages);
  // A health check that never answered was down, and was seen neither degraded nor flapping.
  if (answers > 0) {
    degraded.add(found.degraded);
    flapping.add(found.flapping);
  }
};

/** A token that expires before the first iteration. */
const shortLived = (): string | null => {
  const response = http.post(
    `${baseUrl}/api/login`,
    JSON.stringify({
      user: textFrom('USER_NAME', 'user'),
      password: textFrom('PASSWORD', 'squall'),
      ttlSeconds: 1,
    }),
    request({ name: 'POST /api/login' }, { 'Content-Type': 'application/json', ...bearer(null) }),
  );
  const { token } = fieldsOf(response);
  // Something that never was a token is refused for a reason other than its age.
  if (response.status !== 200 || typeof token !== 'string') return null;
  sleep(2);
  return token;
};

export default honest;
