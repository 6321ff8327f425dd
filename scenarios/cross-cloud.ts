import crossCloud from '../thresholds/cross-cloud.ts';
import { aiLate, parseServerTiming } from './lib/journeys/server-timing.ts';
import { countedCounter, countedTrend } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { bearer, login } from './lib/runtime/auth.ts';
import { durationFrom, numberFrom, wholeNumber } from './lib/runtime/env.ts';
import { http, sleep } from './lib/runtime/k6.ts';
import { baseUrl, request } from './lib/runtime/target.ts';

/**
 * 100 requests through the gateway to the other cloud, and whole AI requests. The link's share is told apart from the service's own
 * time: in Server-Timing the gateway reports how long it waited (`upstream`), and the service how long it worked (`app`).
 */
const requests = numberFrom('REQUESTS', 110, wholeNumber);
const aiRequests = numberFrom('AI_REQUESTS', 5, wholeNumber);
const pauseMs = durationFrom('PAUSE', 100);
/** How long a whole AI request may take is a setting, because it depends on the cloud and the model. */
const aiLimitMs = durationFrom('AI_LIMIT', 30_000, 1);
/** Later than the limit, to tell an answer that is too late from no answer. */
const aiTimeoutMs = aiLimitMs + 5_000;

const link = countedTrend('cross_cloud_link');
const serviceTime = countedTrend('cross_cloud_service');
const late = countedCounter('cross_cloud_ai_late');

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'cross-cloud',
  // Every AI request must be judged: one that left no sample makes the objective INVALID.
  objectives: crossCloud.map((objective) =>
    objective.name === 'cross-cloud.ai-request'
      ? { ...objective, minSamples: Math.max(objective.minSamples ?? 1, aiRequests) }
      : objective,
  ),
  openLoop: false,
  names: ['GET /api/projects', 'POST /api/ai/chat'],
  trends: ['cross_cloud_link', 'cross_cloud_service'],
}));

const once = { executor: 'per-vu-iterations', vus: 1 };
export const options = {
  scenarios: {
    sample: {
      ...once,
      iterations: requests,
      maxDuration: `${60_000 + requests * (pauseMs + 5_000)}ms`,
      exec: 'sample',
    },
    ai: {
      ...once,
      iterations: aiRequests,
      maxDuration: `${60_000 + aiRequests * (aiTimeoutMs + 5_000)}ms`,
      exec: 'ask',
    },
  },
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

export const setup = () => ({ token: login() });

export const sample = ({ token }: { token: string | null }) => {
  const response = http.get(`${baseUrl}/api/projects`, request({ name: 'GET /api/projects' }, bearer(token)));
  const timing = parseServerTiming(response.headers['Server-Timing'] ?? '');
  if (timing.upstream !== undefined && timing.app !== undefined) {
    link.add(Math.max(0, timing.upstream - timing.app));
    serviceTime.add(timing.app);
  }
  sleep(pauseMs / 1000);
};

export const ask = ({ token }: { token: string | null }) => {
  const response = http.post(
    `${baseUrl}/api/ai/chat`,
    JSON.stringify({ prompt: 'Which chords go with this bass line?' }),
    {
      ...request({ name: 'POST /api/ai/chat' }, { ...bearer(token), 'Content-Type': 'application/json' }),
      timeout: aiTimeoutMs,
    },
  );
  const counted = aiLate(response, aiLimitMs);
  if (counted !== null) late.add(counted);
};

export default sample;
