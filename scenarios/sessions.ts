import sessionsKept from '../thresholds/sessions-kept.ts';
import { countedCounter } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { bearer, user } from './lib/runtime/auth.ts';
import { now } from './lib/runtime/clock.ts';
import { durationFrom, numberFrom, textFrom, wholeNumber } from './lib/runtime/env.ts';
import { fieldsOf } from './lib/runtime/fields.ts';
import { exec, http, sleep } from './lib/runtime/k6.ts';
import { baseUrl, request } from './lib/runtime/target.ts';

/**
 * Opens sessions at a steady pace and reads each of them back by its id afterwards: those that were opened right before and during a
 * failover of their store, too. A login that is not acknowledged promises nothing.
 */
const users = numberFrom('USERS', 10, wholeNumber);
const everyMs = durationFrom('EVERY', 500, 10);
const openForMs = durationFrom('OPEN_FOR', 40_000, 1_000);
/** Between the last login and the first look. */
const settleMs = durationFrom('SETTLE', 5_000);
/** A session is asked for again for so long when the store, or the way to it, does not answer. */
const readForMs = durationFrom('READ_FOR', 20_000);
const password = textFrom('PASSWORD', 'squall');

const lost = countedCounter('kept_sessions_lost');
/** Plus one for each session that was acknowledged, minus one for each that was read back or found lost. */
const unread = countedCounter('kept_sessions_unread');

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'sessions',
  objectives: sessionsKept,
  openLoop: false,
}));

export const options = {
  scenarios: {
    sessions: {
      executor: 'per-vu-iterations',
      vus: users,
      iterations: 1,
      maxDuration: `${openForMs + settleMs + 2 * readForMs + 30_000}ms`,
    },
  },
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

interface Kept {
  readonly id: string;
  readonly token: string;
}

const login = JSON.stringify({ user, password });
const loginParams = request({ name: 'POST /api/login' }, { 'Content-Type': 'application/json' });

export default function keep() {
  const start = now();
  const kept: Kept[] = [];
  // They do not log in in step.
  const first = start + (everyMs * (exec.vu.idInTest % users)) / users;
  for (let n = 0; first + n * everyMs < start + openForMs; n += 1) {
    const waitMs = first + n * everyMs - now();
    if (waitMs > 0) sleep(waitMs / 1000);
    const session = open();
    if (session !== null) kept.push(session);
  }
  sleep(Math.max(0, start + openForMs + settleMs - now()) / 1000);
  const until = now() + readForMs;
  for (const session of kept) readBack(session, until);
}

const open = (): Kept | null => {
  const response = http.post(`${baseUrl}/api/login`, login, loginParams);
  if (response.status !== 200 && response.status !== 201) return null;
  const { token, session } = fieldsOf(response);
  if (typeof token !== 'string' || typeof session !== 'string') return null;
  unread.add(1);
  return { id: session, token };
};

const readBack = ({ id, token }: Kept, until: number): void => {
  for (;;) {
    const response = http.get(
      `${baseUrl}/api/session`,
      request({ name: 'GET /api/session (kept)' }, bearer(token)),
    );
    const { status } = response;
    if (status > 0 && status !== 408 && status !== 429 && status < 500) {
      lost.add(status === 200 && fieldsOf(response).id === id ? 0 : 1);
      unread.add(-1);
      return;
    }
    if (now() >= until) return;
    sleep(0.2);
  }
};
