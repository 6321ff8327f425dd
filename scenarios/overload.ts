import overloadSet from '../thresholds/overload.ts';
import { countedRate, countedTrend } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { durationFrom, numberFrom, textFrom, wholeNumber } from './lib/runtime/env.ts';
import { http } from './lib/runtime/k6.ts';
import { baseUrl, request } from './lib/runtime/target.ts';

/**
 * Twice as many requests as the gateway can carry, open loop, between two stretches of half of what it can. Refusals (429, 503) are told
 * apart from answers, and both are timed.
 */
const capacity = numberFrom('CAPACITY', 1000, wholeNumber);
const offered = numberFrom('OFFERED', 2 * capacity, wholeNumber);
const usual = numberFrom('USUAL', Math.max(1, Math.floor(capacity / 2)), wholeNumber);
const beforeMs = durationFrom('BEFORE', 10_000, 1_000);
const durationMs = durationFrom('DURATION', 30_000, 1_000);
const afterMs = durationFrom('AFTER', 20_000, 1_000);
/** So long after the end everybody is served again. */
const graceMs = durationFrom('GRACE', 10_000);
const url = `${baseUrl}${textFrom('REQUEST_PATH', '/health')}`;
/** All beforehand; a request that waits for its time-out of 5 s holds one. */
const vus = numberFrom('VUS', Math.max(50, offered), wholeNumber);
if (graceMs >= afterMs)
  throw new Error('AFTER must be longer than GRACE: nothing would be measured after the overload');

const accepted = countedTrend('overload_accepted');
const refused = countedTrend('overload_refused');
const answered = countedRate('overload_answered');
const served = countedRate('overload_served');
const after = countedRate('overload_after');

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'overload',
  objectives: overloadSet,
  openLoop: true,
  trends: ['overload_accepted', 'overload_refused'],
}));

export const options = {
  scenarios: {
    overload: {
      executor: 'ramping-arrival-rate',
      startRate: usual,
      timeUnit: '1s',
      preAllocatedVUs: vus,
      maxVUs: vus,
      stages: [
        { target: usual, duration: `${beforeMs}ms` },
        { target: offered, duration: '0s' },
        { target: offered, duration: `${durationMs}ms` },
        { target: usual, duration: '0s' },
        { target: usual, duration: `${afterMs}ms` },
      ],
    },
  },
  discardResponseBodies: true,
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

export const setup = (): { readonly from: number } => ({ from: Date.now() + beforeMs });

const params = {
  before: request({ name: 'GET', stage: 'before' }),
  over: request({ name: 'GET', stage: 'over' }),
  after: request({ name: 'GET', stage: 'after' }),
};

export default function overload({ from }: { readonly from: number }) {
  const at = Date.now();
  const stage = at < from ? 'before' : at < from + durationMs ? 'over' : 'after';
  const { status, timings } = http.get(url, params[stage]);
  const isServed = status >= 200 && status < 400;
  const isRefused = status === 429 || status === 503;
  if (stage === 'after') {
    if (at >= from + durationMs + graceMs) after.add(isServed);
    return;
  }
  if (stage === 'before') return;
  if (isServed) accepted.add(timings.duration);
  if (isRefused) refused.add(timings.duration);
  answered.add(isServed || isRefused);
  served.add(isServed);
}
