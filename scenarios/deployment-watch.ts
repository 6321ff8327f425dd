import type { RefinedResponse, ResponseType } from 'k6/http';
import canary, { ofVersion } from '../thresholds/canary.ts';
import deployment from '../thresholds/deployment.ts';
import { compareVersions, type Seen } from './lib/objectives/compare-versions.ts';
import { countedCounter, countedTrend } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { now, pause } from './lib/runtime/clock.ts';
import { durationFrom, numberFrom, textFrom, wholeNumber } from './lib/runtime/env.ts';
import { http } from './lib/runtime/k6.ts';
import { forRequestPath, requestName, requestPath } from './lib/runtime/request-path.ts';
import { baseUrl, request } from './lib/runtime/target.ts';

/**
 * A steady open-loop load during a deployment, an autoscaling or a canary release: no failed request, and the golden signals of each
 * version on its own. A header of the answer holds the version (VERSION_HEADER); BLUE and GREEN name the two to compare.
 */
const rate = numberFrom('RATE', 100, wholeNumber);
const durationMs = durationFrom('DURATION', 300_000, 1_000);
/**
 * One for each request of a second. If the target stalls for longer than that, all of them are waiting, and what is due then
 * is dropped, which fails the run. With many more VUs a freeze of 2 s would be a few late answers among thousands, outside every
 * percentile.
 */
const vus = numberFrom('VUS', rate, wholeNumber);
const header = textFrom('VERSION_HEADER', 'X-Instance');
const [blue, green] = [textFrom('BLUE', ''), textFrom('GREEN', '')];
const versions = [blue, green].filter((version) => version !== '');
/** The rate of the requests that are compared. They come on top of RATE, and one virtual user sends them. */
const compareRate = numberFrom('COMPARE_RATE', Math.min(50, rate), wholeNumber);
/** Shorter times count as this long when versions are compared. */
const floorMs = durationFrom('FLOOR', 5);

const failed = countedCounter('failed_requests');
const duration = countedTrend('version_duration');
const versionFailed = countedCounter('version_failed');
const ratio = countedCounter('canary_ratio');
const extraErrors = countedCounter('canary_extra_errors');

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'deployment-watch',
  objectives: [
    ...forRequestPath(deployment),
    ...versions.flatMap(ofVersion),
    ...(versions.length === 2 ? canary : []),
  ],
  openLoop: true,
  notMeasured:
    versions.length === 2
      ? []
      : [{ name: 'canary', reason: 'name the versions to compare: -e BLUE=… -e GREEN=…' }],
}));

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
    ...(versions.length === 2
      ? {
          compare: {
            executor: 'per-vu-iterations',
            vus: 1,
            iterations: 1,
            maxDuration: `${durationMs + 60_000}ms`,
            exec: 'compare',
          },
        }
      : {}),
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
  const seen = new Map<string, Seen>();
  const pending: Promise<void>[] = [];
  const start = now();
  const count = Math.round((compareRate * durationMs) / 1000);
  for (let nth = 0; nth < count; nth += 1) {
    // At a random time within its period: in step with the other users, a round-robin balancer would always show it the same version.
    await pause(Math.max(0, start + ((nth + Math.random()) * 1000) / compareRate - now()));
    pending.push(http.asyncRequest('GET', url, null, params).then((response) => add(seen, note(response))));
  }
  await Promise.all(pending);
  const of = (version: string): Seen => seen.get(version) ?? { durations: [], requests: 0, failed: 0 };
  const found = compareVersions(of(blue), of(green), { floorMs });
  // With too few samples nothing is added, and the objective is INVALID.
  if (found.p50 !== null) ratio.add(found.p50, { signal: 'p50' });
  if (found.p95 !== null) ratio.add(found.p95, { signal: 'p95' });
  if (found.p99 !== null) ratio.add(found.p99, { signal: 'p99' });
  if (found.extraErrors !== null) extraErrors.add(found.extraErrors);
  const all = versions.map((version) => `${version} ${of(version).requests}, failed ${of(version).failed}`);
  console.info(`compared: ${all.join('; ')}`);
};

interface Noted {
  readonly version: string;
  /** Null: it failed. */
  readonly durationMs: number | null;
}

const note = (response: RefinedResponse<ResponseType | undefined>): Noted => {
  const good = response.status >= 200 && response.status < 400;
  failed.add(good ? 0 : 1);
  const version = response.headers[canonical] ?? 'unknown';
  if (good) duration.add(response.timings.duration, { version });
  versionFailed.add(good ? 0 : 1, { version });
  return { version, durationMs: good ? response.timings.duration : null };
};

const add = (all: Map<string, Seen>, { version, durationMs }: Noted): void => {
  const one = all.get(version) ?? { durations: [], requests: 0, failed: 0 };
  all.set(version, one);
  one.requests += 1;
  if (durationMs === null) one.failed += 1;
  else one.durations.push(durationMs);
};
