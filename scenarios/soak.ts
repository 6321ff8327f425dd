import controlLoop from '../thresholds/control-loop.ts';
import { samplesOf } from '../thresholds/k6-names.ts';
import soak from '../thresholds/soak.ts';
import { browse, type MixUser, save } from './lib/journeys/mix.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { watchControlLoop } from './lib/pages/control-loop.ts';
import { monitor, ofEachService } from './lib/pages/monitor.ts';
import { bearer, login } from './lib/runtime/auth.ts';
import { durationFrom, numberFrom, textFrom, urlFrom, wholeNumber } from './lib/runtime/env.ts';
import { http, sleep } from './lib/runtime/k6.ts';
import { requestName, requestPath } from './lib/runtime/request-path.ts';
import { baseUrl, request } from './lib/runtime/target.ts';

/**
 * Light use for days (`-e DURATION=7d`), or for minutes in a trial: memory and processor of the services from their metrics, with a
 * test that tells a leak from noise; recoveries and escalations from the control loop's metrics.
 */
const durationMs = durationFrom('DURATION', 3_600_000, 10_000);
/** Somebody else's service: its users ask this path only, and do not log in. */
const ownPath = textFrom('REQUEST_PATH', '') !== '';
const users = numberFrom('USERS', 10, wholeNumber);
const thinkMs = durationFrom('THINK_TIME', 1_000);
/** Shorter than the life of a token; a soak outlasts many. */
const renewMs = durationFrom('RENEW_TOKEN', 1_800_000, 1_000);

/** The metrics pages of the testbed's services. */
const targets =
  'gateway=http://127.0.0.1:9010/metrics,projects=http://127.0.0.1:9021/metrics,producer=http://127.0.0.1:9070/metrics,vocal-coach=http://127.0.0.1:9072/metrics';

/** The control loop's metrics page; not every target has one. */
const control =
  textFrom('CONTROL_METRICS', '') === '' ? null : urlFrom('CONTROL_METRICS', 'http://127.0.0.1:9050/metrics');
/** Whether this run has to pass without calling a person. */
const unattended = numberFrom('UNATTENDED', 0, { max: 1, integer: true }) === 1;

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => {
  const judged = controlLoop.filter(
    ({ name }) => control !== null && (unattended || name !== 'soak.human-interventions'),
  );
  const reason =
    control === null
      ? 'counted by the control loop: -e CONTROL_METRICS=URL says where'
      : 'this run may be attended: -e UNATTENDED=1 asks for none';
  return {
    scenario: 'soak',
    objectives: [...soak, ...judged],
    openLoop: false,
    due: {
      'soak.memory-trend': ofEachService(targets),
      'soak.memory': ofEachService(targets),
      'soak.cpu-average': ofEachService(targets),
    },
    names: ownPath ? [requestName] : ['GET /api/projects', 'POST /api/projects'],
    trends: ['target_memory_mb'],
    occasional: {
      'soak.recovery-rate': {
        looked: samplesOf('control_escalations'),
        reason: 'there was nothing to recover from during the run',
      },
    },
    notMeasured: controlLoop.flatMap((one) => (judged.includes(one) ? [] : [{ name: one.name, reason }])),
  };
});

const watcher = {
  executor: 'per-vu-iterations',
  vus: 1,
  iterations: 1,
  maxDuration: `${durationMs + 60_000}ms`,
};

export const options = {
  scenarios: {
    users: { executor: 'constant-vus', vus: users, duration: `${durationMs}ms`, exec: 'use' },
    monitor: { ...watcher, exec: 'watch' },
    ...(control === null ? {} : { control: { ...watcher, exec: 'watchControl' } }),
  },
  discardResponseBodies: true,
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

let session: { user: MixUser; since: number } | undefined;

export const use = () => {
  if (ownPath) http.get(`${baseUrl}${requestPath}`, request({ name: requestName }));
  else useProjects();
  sleep((thinkMs * (0.5 + Math.random())) / 1000);
};

const useProjects = (): void => {
  if (session === undefined || (Date.now() - session.since > renewMs && textFrom('TOKEN', '') === '')) {
    const headers = { ...bearer(login()), 'Content-Type': 'application/json' };
    session = { user: { headers, beat: null }, since: Date.now() };
  }
  if (Math.random() < 0.1) save(session.user);
  else browse(session.user);
};

export const watch = () => monitor({ durationMs, targets });

export const watchControl = () => {
  if (control !== null) watchControlLoop(control, durationMs);
};

export default use;
