import database from '../thresholds/database.ts';
import projects from '../thresholds/projects.ts';
import { untilAnswered, write } from './lib/journeys/writes.ts';
import { countedCounter, countedRate } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { watchDatabase } from './lib/pages/database.ts';
import { pagesNamed } from './lib/pages/page.ts';
import { bearer, login } from './lib/runtime/auth.ts';
import { durationFrom, numberFrom, textFrom, wholeNumber } from './lib/runtime/env.ts';
import { fieldsOf } from './lib/runtime/fields.ts';
import { exec, http, sleep } from './lib/runtime/k6.ts';
import { baseUrl, request } from './lib/runtime/target.ts';

/**
 * 100 users create projects at the same time. Every acknowledged write is read back and must be there, once. If one cannot be read,
 * nobody knows whether it is there, and the run says nothing about lost writes. Each user also breaks a constraint, uses a key
 * twice, and races another user for one project. Meanwhile the service's metrics are read: how many wait for a connection from its
 * pool, and its deadlocks.
 */
const users = numberFrom('USERS', 100, wholeNumber);
const durationMs = durationFrom('DURATION', 60_000, 1_000);
const thinkMs = durationFrom('THINK_TIME', 1_000);

const lost = countedCounter('projects_lost');
const duplicated = countedCounter('projects_duplicated');
/** Acknowledged writes whose read-back, and whose search, have not been answered: plus one, and minus one with the answer. */
const unread = countedCounter('projects_unread');
const uncounted = countedCounter('projects_uncounted');
const constraintKept = countedRate('projects_constraint_kept');
const raceDecided = countedRate('projects_race_decided');

/** The testbed's counts. For another target nobody has said where they are. */
const ofTestbed = 'projects-1=http://127.0.0.1:9021/metrics,projects-2=http://127.0.0.1:9022/metrics';
const metrics = textFrom('METRICS', textFrom('BASE_URL', '') === '' ? ofTestbed : '');
const services = metrics === '' ? [] : pagesNamed('METRICS', metrics);

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'projects',
  objectives: services.length === 0 ? projects : [...projects, ...database],
  openLoop: false,
  // Each user writes at least once.
  due: {
    'projects.lost-writes': users,
    'projects.duplicated-writes': users,
    'projects.constraints': users,
    'projects.races': users,
  },
  names: ['POST /api/projects', 'GET /api/projects/:id', 'GET /api/projects'],
  ...(services.length === 0
    ? {
        notMeasured: database.map(({ name }) => ({
          name,
          reason: 'counted by the service: -e METRICS=name=URL,… says where',
        })),
      }
    : { trends: ['database_clients_waiting'] }),
}));

export const options = {
  scenarios: {
    projects: { executor: 'constant-vus', vus: users, duration: `${durationMs}ms`, gracefulStop: '30s' },
    ...(services.length === 0
      ? {}
      : {
          database: {
            executor: 'per-vu-iterations',
            vus: 1,
            iterations: 1,
            maxDuration: `${durationMs + 60_000}ms`,
            exec: 'watch',
          },
        }),
  },
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

export const setup = () => ({ token: login() });

const url = `${baseUrl}/api/projects`;
/** A wrong answer misses the objective about constraints; only no answer is an error. */
const anyAnswer = http.expectedStatuses({ min: 200, max: 499 });
const eitherWay = http.expectedStatuses(200, 409);

export default function projectsUnderLoad({ token }: { token: string | null }) {
  const headers = { ...bearer(token), 'Content-Type': 'application/json' };
  if (exec.vu.iterationInScenario === 0) sleep((Math.random() * thinkMs) / 1000);
  const create = request({ name: 'POST /api/projects' }, headers);
  const body = (key: string) => JSON.stringify({ name: `load ${key}`, bpm: 120 });
  const { key, acknowledged, response } = write({ url, body, params: create });
  if (acknowledged) {
    unread.add(1);
    uncounted.add(1);
    const { id } = fieldsOf(response);
    // Acknowledged without an id: nobody knows where to read it back, and it stays open.
    const there = id === undefined ? false : readBack(String(id), key, headers);
    // Repeating the write must not make another project.
    write({ url, body, params: create, key });
    countStored(key, headers);
    if (there) race(String(id), headers);
  }
  breakConstraint(headers);
  sleep(thinkMs / 1000);
}

export const watch = () => watchDatabase(services, durationMs);

/** @returns whether it is there. */
const readBack = (id: string, key: string, headers: Record<string, string>): boolean => {
  const params = {
    ...request({ name: 'GET /api/projects/:id' }, headers),
    responseCallback: http.expectedStatuses(200, 404),
  };
  const found = untilAnswered(() => http.get(`${url}/${id}`, params));
  const { name } = fieldsOf(found);
  // Only an answer counts: 404 means lost; a failed request, or a page instead of a project, says nothing about the write.
  if (found.status !== 404 && (found.status !== 200 || name === undefined)) return false;
  const there = found.status === 200 && name === `load ${key}`;
  lost.add(there ? 0 : 1);
  unread.add(-1);
  return there;
};

const countStored = (key: string, headers: Record<string, string>): void => {
  const search = `${url}?search=${encodeURIComponent(`load ${key}`)}`;
  const params = request({ name: 'GET /api/projects' }, headers);
  const answer = untilAnswered(() => http.get(search, params));
  if (answer.status !== 200) return;
  const { projects: found } = fieldsOf(answer);
  // Without a list, nobody knows how many there are.
  if (!Array.isArray(found)) return;
  duplicated.add(found.length > 1 ? 1 : 0);
  uncounted.add(-1);
};

/** Two users change one project from the same version: one of them must be told that it was too late. */
const race = (id: string, headers: Record<string, string>): void => {
  const change = (name: string) => ({
    method: 'PUT' as const,
    url: `${url}/${id}`,
    body: JSON.stringify({ name, bpm: 121, version: 1 }),
    params: { ...request({ name: 'PUT /api/projects/:id' }, headers), responseCallback: eitherWay },
  });
  const statuses = http.batch([change('first'), change('second')]).map(({ status }) => status);
  if (statuses.every((status) => status === 200 || status === 409))
    raceDecided.add(statuses.filter((status) => status === 200).length === 1);
};

const breakConstraint = (headers: Record<string, string>): void => {
  const wrong = http.post(url, JSON.stringify({ name: 'too fast', bpm: 9_000 }), {
    ...request({ name: 'POST /api/projects (invalid)' }, headers),
    responseCallback: anyAnswer,
  });
  if (wrong.status > 0 && wrong.status < 500)
    constraintKept.add(wrong.status === 400 || wrong.status === 422);
};
