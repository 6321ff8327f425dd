import { PodDisruptor } from 'k6/x/disruptor';
import { countedCounter, countedRate } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { bearer, login } from './lib/runtime/auth.ts';
import { durationFrom, numberFrom, shareFrom, textFrom, wholeNumber } from './lib/runtime/env.ts';
import { fieldsOf } from './lib/runtime/fields.ts';
import { exec, http } from './lib/runtime/k6.ts';
import { baseUrl, request } from './lib/runtime/target.ts';

/**
 * HTTP faults inside the pods of one component, injected by k6 itself. Needs a k6 with the extension xk6-disruptor, and a kubeconfig.
 * The users of that component see the fault, and nobody else does; before and after it everybody is served.
 */
const rate = numberFrom('RATE', 20, wholeNumber);
const beforeMs = durationFrom('BEFORE', 10_000, 1_000);
const faultMs = durationFrom('FAULT_DURATION', 20_000, 1_000);
/** Time for the agent to start in the pods, and for requests that hang when the fault ends to time out. Neither is measured. */
const settleMs = durationFrom('SETTLE', 20_000, 0);
const afterMs = durationFrom('AFTER', 10_000, 1_000);
const namespace = textFrom('NAMESPACE', 'squall-testbed');
const component = textFrom('COMPONENT', 'producer');
const port = numberFrom('PORT', 9070, wholeNumber);
const errorShare = shareFrom('ERROR_SHARE', 0.5);
const delayMs = durationFrom('DELAY', 0);
// A shorter delay could not be told from a slow answer; with neither error nor delay, the fault could not be seen at all.
if (delayMs < 100 && (delayMs > 0 || errorShare === 0))
  throw new Error('disruptor: ERROR_SHARE must be more than 0%, or DELAY at least 100ms');
/** Probes use the same port. If all pods failed their probes, users would see refused connections instead of the fault. */
const exclude = textFrom('EXCLUDE', '/health,/ready');

const injected = countedCounter('disruptor_injected');
const shown = countedRate('disruptor_fault_shown');

/** The stage is as long as the fault and its margin together, so both errors and slow answers show. */
const shownAtLeast = () => {
  const share = delayMs > 0 ? 1 : errorShare;
  return (share * faultMs) / (faultMs + settleMs) / 2;
};

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'disruptor',
  objectives: [
    { name: 'disruptor.injected', counter: 'disruptor_injected', equals: 1 },
    // At least half of what is injected: the edge may retry, and the fault lasts for only part of its stage.
    {
      name: 'disruptor.fault-is-seen',
      rate: 'disruptor_fault_shown',
      where: { stage: 'fault' },
      atLeast: `${(100 * shownAtLeast()).toFixed(2)}%`,
      minSamples: 50,
    },
    ...(['before', 'after'] as const).map((stage) => ({
      name: `disruptor.no-errors-${stage}`,
      errors: true as const,
      where: { stage },
      below: '1%',
      minSamples: 100,
    })),
    {
      name: 'disruptor.others-unharmed',
      errors: true,
      where: { name: 'GET /health' },
      below: '1%',
      minSamples: 100,
    },
  ],
  openLoop: true,
  names: ['GET /api/ai/beats/:id', 'GET /health'],
}));

const stages = { before: beforeMs, fault: faultMs + settleMs, after: afterMs };
const totalMs = stages.before + stages.fault + stages.after;

export const options = {
  scenarios: {
    load: {
      executor: 'constant-arrival-rate',
      exec: 'load',
      rate,
      duration: `${totalMs}ms`,
      preAllocatedVUs: rate * 6,
      maxVUs: rate * 6,
    },
    fault: {
      executor: 'shared-iterations',
      exec: 'fault',
      vus: 1,
      iterations: 1,
      startTime: `${beforeMs}ms`,
      maxDuration: `${stages.fault}ms`,
    },
  },
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

export const setup = () => {
  const token = login();
  const order = http.post(
    `${baseUrl}/api/ai/generate-beat`,
    JSON.stringify({ genre: 'boom bap', bpm: 90 }),
    request({ name: 'POST /api/ai/generate-beat' }, { ...bearer(token), 'Content-Type': 'application/json' }),
  );
  if (order.status !== 202) throw new Error(`disruptor: an order answered ${order.status}`);
  const { id } = fieldsOf(order);
  // Otherwise everybody would ask for a beat that does not exist, and get errors that the fault has nothing to do with.
  if (id === undefined) throw new Error('disruptor: an order was accepted without an id');
  return { token, beat: String(id) };
};

export const load = ({ token, beat }: { token: string | null; beat: string }) => {
  const stage = stageNow();
  const answer = http.get(
    `${baseUrl}/api/ai/beats/${beat}`,
    request({ name: 'GET /api/ai/beats/:id', stage }, bearer(token)),
  );
  if (stage === 'fault') shown.add(answer.status !== 200 || slow(answer.timings.duration), { stage });
  http.get(`${baseUrl}/health`, request({ name: 'GET /health', stage: `health-${stage}` }));
};

const slow = (durationMs: number) => delayMs > 0 && durationMs >= delayMs * 0.9;

export const fault = () => {
  const pods = new PodDisruptor({ namespace, select: { labels: { component } } });
  pods.injectHTTPFaults(
    { port, exclude, errorRate: errorShare, errorCode: 503, averageDelay: `${delayMs}ms` },
    `${faultMs}ms`,
  );
  injected.add(1);
};

const stageNow = (): keyof typeof stages => {
  const elapsed = Date.now() - exec.scenario.startTime;
  if (elapsed < stages.before) return 'before';
  return elapsed < stages.before + stages.fault ? 'fault' : 'after';
};
