import eventSet, { limits } from '../thresholds/events.ts';
import {
  areRight,
  countEvents,
  type EventFilter,
  findEvents,
  type StoredEvent,
  storeEvents,
} from './lib/journeys/events.ts';
import { countedCounter, countedTrend } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { login } from './lib/runtime/auth.ts';
import { durationFrom, numberFrom, textFrom, wholeNumber } from './lib/runtime/env.ts';
import { exec } from './lib/runtime/k6.ts';

/**
 * A table of a million events is searched by time, service and type, by ten users at once; meanwhile 10,000 events move in, in batches of
 * 1,000, and are counted afterwards. The user has to be an administrator.
 *
 * One search at a time would tell nothing of indexes: a machine with nothing else to do looks through a million rows in less than a second.
 */
const rows = numberFrom('ROWS', limits.rows, wholeNumber);
const queries = numberFrom('QUERIES', 60, wholeNumber);
/** All of them search all the time. */
const users = Math.min(queries, numberFrom('USERS', 10, wholeNumber));
const queryWithinMs = durationFrom('QUERY_WITHIN', limits.queryMs, 1);
const moving = numberFrom('EVENTS', 10_000, wholeNumber);
const inBatch = numberFrom('BATCH', 1_000, { ...wholeNumber, max: 1_000 });
const moveWithinMs = durationFrom('MIGRATE_WITHIN', limits.migrationMs, 1);
/** The target may count by estimate. */
const estimate = 0.01;

const missingRows = countedCounter('events_missing_rows');
const slow = countedCounter('events_query_slow');
const wrong = countedCounter('events_query_wrong');
const query = countedTrend('events_query');
const migrationSlow = countedCounter('migration_slow');
const migrationLost = countedCounter('migration_lost');
const migration = countedTrend('migration_duration');

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'events',
  objectives: eventSet,
  openLoop: false,
  due: { 'events.query': queries, 'events.found': queries },
  trends: ['events_query', 'migration_duration'],
}));

const once = { executor: 'per-vu-iterations', vus: 1, iterations: 1 } as const;
export const options = {
  scenarios: {
    search: {
      executor: 'shared-iterations',
      vus: users,
      iterations: queries,
      maxDuration: `${queries * 6_000 + 60_000}ms`,
      exec: 'search',
    },
    count: { ...once, maxDuration: '1m', exec: 'count' },
    migrate: { ...once, maxDuration: `${2 * moveWithinMs + 60_000}ms`, exec: 'migrate' },
  },
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

interface Setup {
  readonly token: string | null;
  /** The events that move in are those of a service of their own. */
  readonly service: string;
}

export const setup = (): Setup => ({
  token: login(textFrom('USER_NAME', 'admin')),
  service: `migration-${Date.now()}-${Math.floor(Math.random() * 1e9)}`,
});

export const count = ({ token }: Setup): void => {
  const found = countEvents(null, token);
  if (found !== null) missingRows.add(found < rows * (1 - estimate) ? rows - found : 0);
};

/** What this user has seen there is to look for: the newest event, whatever services and types there are. */
let known: StoredEvent | null = null;

export const search = ({ token }: Setup): void => {
  known ??= findEvents({}, token)?.events.at(0) ?? null;
  const filter = filterFor(exec.scenario.iterationInTest, known);
  const answer = findEvents(filter, token);
  // Whoever gets no answer waits longer than a second.
  slow.add(answer !== null && answer.tookMs < queryWithinMs ? 0 : 1);
  if (answer === null) return;
  query.add(answer.tookMs);
  wrong.add(areRight(answer.events, filter) ? 0 : 1);
};

/** By turns: by time, by service, by type, by all three. */
const filterFor = (i: number, newest: StoredEvent | null): EventFilter => {
  if (newest === null) return {};
  const at = Date.parse(newest.at);
  const time = { to: iso(at + 1_000), from: iso(at - 3_600_000 * (1 + (i % 24))) };
  const { service, type } = newest;
  return [time, { service }, { type }, { service, type, ...time }][i % 4] ?? time;
};

export const migrate = ({ token, service }: Setup): void => {
  const startedAt = Date.now();
  let acknowledged = 0;
  for (let from = 0; from < moving; from += inBatch) {
    const batch = Array.from({ length: Math.min(inBatch, moving - from) }, (_, i) =>
      oneEvent(service, from + i),
    );
    if (storeEvents(batch, token)) acknowledged += batch.length;
  }
  const tookMs = Date.now() - startedAt;
  migration.add(tookMs);
  // What was never acknowledged has not moved, however long it took.
  migrationSlow.add(acknowledged === moving && tookMs < moveWithinMs ? 0 : 1);
  const there = countEvents(service, token);
  if (there !== null && acknowledged > 0) migrationLost.add(Math.max(0, acknowledged - there));
};

export default search;

const oneEvent = (service: string, n: number): object => ({
  id: crypto.randomUUID(),
  at: iso(Date.now() - n * 10),
  service,
  type: `type-${n % 10}`,
  payload: { n },
});

const iso = (ms: number): string => new Date(ms).toISOString();
