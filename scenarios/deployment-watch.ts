import type { RefinedResponse, ResponseType } from 'k6/http';
import canary, { ofVersion } from '../thresholds/canary.ts';
import canaryShare from '../thresholds/canary-share.ts';
import deployment from '../thresholds/deployment.ts';
import deploymentEvidence from '../thresholds/deployment-evidence.ts';
import postDeploy from '../thresholds/post-deploy.ts';
import rollback from '../thresholds/rollback.ts';
import saturation from '../thresholds/saturation.ts';
import { deploy } from './lib/journeys/deploy.ts';
import { countedCounter, countedTrend } from './lib/objectives/counted.ts';
import {
  canaryForMs,
  postDeployForMs,
  reportVersions,
  rollbackWithinMs,
} from './lib/objectives/report-versions.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { type Answer, seenOf } from './lib/objectives/version-history.ts';
import { hostTrends, watchHost } from './lib/pages/host.ts';
import { now, pause } from './lib/runtime/clock.ts';
import { durationFrom, numberFrom, textFrom, urlFrom, wholeNumber } from './lib/runtime/env.ts';
import { http } from './lib/runtime/k6.ts';
import { forRequestPath, requestName, requestPath } from './lib/runtime/request-path.ts';
import { baseUrl, request } from './lib/runtime/target.ts';

/**
 * A steady open-loop load during a deployment, an autoscaling, a canary release or a rollback: no failed request, and the golden signals
 * of each version on its own. A header of the answer holds the version (VERSION_HEADER); BLUE and GREEN name the old and the new one.
 */
const rate = numberFrom('RATE', 100, wholeNumber);
const durationMs = durationFrom('DURATION', 300_000, 1_000);
/**
 * One for each request of a second. If the target stalls for longer than that, all of them are waiting, and what is due then
 * is dropped, which fails the run. With many more VUs a freeze of 2 s would be a few late answers among thousands, outside every
 * percentile.
 */
const vus = numberFrom('VUS', rate, wholeNumber);
const header = textFrom('VERSION_HEADER', 'X-Version');
const [blue, green] = [textFrom('BLUE', ''), textFrom('GREEN', '')];
const versions = [blue, green].filter((version) => version !== '');
const areNamed = versions.length === 2;
/** The rate of the requests that are compared. They come on top of RATE, and one virtual user sends them. */
const compareRate = numberFrom('COMPARE_RATE', Math.min(50, rate), wholeNumber);
/** The machine's own page of metrics. */
const host =
  textFrom('HOST_METRICS', '') === '' ? null : urlFrom('HOST_METRICS', 'http://127.0.0.1:9100/metrics');

const failed = countedCounter('failed_requests');
const duration = countedTrend('version_duration');
const versionFailed = countedCounter('version_failed');
const versionsSeen = countedCounter('versions_seen');

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => {
  const isBad = rollbackWithinMs > 0;
  const good = 'a bad version is expected: ROLLBACK_WITHIN';
  const named = areNamed ? '' : 'name the versions to compare: -e BLUE=… -e GREEN=…';
  /** Why what is asked of a version that is to stay is not asked; `own`: what else may be missing. */
  const ofGood = (own = '') => (isBad ? good : named || own);
  const parts: { set: typeof deployment; unless: string }[] = [
    { set: deploymentEvidence, unless: '' },
    { set: forRequestPath(deployment), unless: isBad ? good : '' },
    { set: [...versions.flatMap(ofVersion), ...canary], unless: ofGood() },
    {
      set: canaryShare,
      unless: ofGood(canaryForMs > 0 ? '' : 'say how long a canary has its share: -e CANARY_FOR=10m'),
    },
    {
      set: postDeploy,
      unless: ofGood(postDeployForMs > 0 ? '' : 'say how long green is watched: -e POST_DEPLOY_FOR=30m'),
    },
    {
      set: saturation,
      unless: host === null ? "it is in the machine's metrics: -e HOST_METRICS=URL of its node_exporter" : '',
    },
    {
      set: rollback,
      unless: named || (isBad ? '' : 'say when a bad version has to be gone: -e ROLLBACK_WITHIN=5m'),
    },
  ];
  return {
    scenario: 'deployment-watch',
    objectives: parts.filter(({ unless }) => unless === '').flatMap(({ set }) => set),
    openLoop: true,
    trends: host === null ? [] : hostTrends,
    // MIN_SAMPLES does not make two versions out of one.
    due: { 'deployment.evidence': 2 },
    notMeasured: parts
      .filter(({ unless }) => unless !== '')
      .flatMap(({ set, unless }) => set.map(({ name }) => ({ name, reason: unless }))),
  };
});

const once = {
  executor: 'per-vu-iterations',
  vus: 1,
  iterations: 1,
  maxDuration: `${durationMs + 60_000}ms`,
};

export const options = {
  scenarios: {
    watch: {
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      duration: `${durationMs}ms`,
      preAllocatedVUs: vus,
      maxVUs: vus,
    },
    compare: { ...once, exec: 'compare' },
    ...(host === null ? {} : { host: { ...once, exec: 'watchMachine' } }),
  },
  discardResponseBodies: true,
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

const url = `${baseUrl}${requestPath}`;
const params = request({ name: requestName });
const canonical = header
  .split('-')
  .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
  .join('-');

export default function watch() {
  note(http.get(url, params));
}

/**
 * Only within one virtual user can the samples of both versions be compared: a k6 threshold cannot refer to another metric, and
 * users share nothing. So this user sends a load of its own, open loop, on its event loop.
 */
export const compare = async () => {
  const answers: Answer[] = [];
  const known = new Set<string>();
  const pending: Promise<void>[] = [deploy()];
  const start = now();
  const count = Math.round((compareRate * durationMs) / 1000);
  for (let nth = 0; nth < count; nth += 1) {
    // At a random time within its period: in step with the other users, a round-robin balancer would always show it the same version.
    await pause(Math.max(0, start + ((nth + Math.random()) * 1000) / compareRate - now()));
    const at = now();
    pending.push(
      http.asyncRequest('GET', url, null, params).then((response) => {
        const answer = { at, ...note(response) };
        answers.push(answer);
        see(known, answer.version);
      }),
    );
  }
  const endMs = start + durationMs;
  await Promise.all(pending);
  if (areNamed) reportVersions(answers, { blue, green }, endMs);
  const all = [...known].map((version) => {
    const { requests, failed } = seenOf(answers, version);
    return `${version} ${requests}, failed ${failed}`;
  });
  console.info(`versions: ${all.join('; ')}`);
};

/** One sample for each version, when it is seen for the first time. */
const see = (known: Set<string>, version: string | null): void => {
  if (version === null || known.has(version) || (areNamed && !versions.includes(version))) return;
  known.add(version);
  versionsSeen.add(1);
};

export const watchMachine = () => {
  if (host !== null) watchHost(host, durationMs);
};

const note = (response: RefinedResponse<ResponseType | undefined>): Omit<Answer, 'at'> => {
  const good = response.status >= 200 && response.status < 400;
  failed.add(good ? 0 : 1);
  const version = response.headers[canonical] ?? null;
  const tags = { version: version ?? 'unknown' };
  if (good) duration.add(response.timings.duration, tags);
  versionFailed.add(good ? 0 : 1, tags);
  return { version, durationMs: good ? response.timings.duration : null };
};
