import exportSet from '../thresholds/exports.ts';
import { checkAudio } from './lib/journeys/audio.ts';
import { countedCounter, countedTrend } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { bearer, login } from './lib/runtime/auth.ts';
import { durationFrom, numberFrom, wholeNumber } from './lib/runtime/env.ts';
import { fieldsOf } from './lib/runtime/fields.ts';
import { exec, http, sleep } from './lib/runtime/k6.ts';
import { baseUrl, request } from './lib/runtime/target.ts';

/**
 * 100 stems are exported at the same time. None is refused and none fails; each says how far it is while it is made, and can be fetched
 * when it is done.
 */
const stems = numberFrom('STEMS', 100, wholeNumber);
const askEveryMs = durationFrom('ASK_EVERY', 250, 10);
/** How long to wait for one export. */
const patienceMs = durationFrom('PATIENCE', 300_000, 100);

const failed = countedCounter('export_failed');
const withoutProgress = countedCounter('export_without_progress');
const duration = countedTrend('export_duration');

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'exports',
  objectives: exportSet,
  openLoop: false,
  due: { 'exports.failed': stems, 'exports.progress': stems, 'exports.stored': stems },
  names: ['POST /api/exports', 'GET /api/exports/:id'],
  trends: ['export_duration'],
}));

export const options = {
  scenarios: {
    exports: {
      executor: 'per-vu-iterations',
      vus: stems,
      iterations: 1,
      maxDuration: `${patienceMs + 30_000}ms`,
    },
  },
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

export const setup = () => ({ token: login() });

export default function exportStem({ token }: { token: string | null }) {
  const orderedAt = Date.now();
  const id = order(token);
  const end = id === null ? null : follow(id, token, orderedAt + patienceMs);
  failed.add(end?.state === 'done' ? 0 : 1);
  if (id === null || end?.state !== 'done') return;
  duration.add(Date.now() - orderedAt);
  withoutProgress.add(end.wasOnItsWay && !end.wentBack ? 0 : 1);
  checkAudio(`/api/exports/${id}/audio`, token);
}

const order = (token: string | null): string | null => {
  const answer = http.post(
    `${baseUrl}/api/exports`,
    JSON.stringify({ stem: `stem ${exec.vu.idInTest}`, bpm: 120 }),
    {
      ...request({ name: 'POST /api/exports' }, { ...bearer(token), 'Content-Type': 'application/json' }),
      responseType: 'text',
    },
  );
  const { id } = fieldsOf(answer);
  return answer.status === 202 && id !== undefined ? String(id) : null;
};

interface End {
  readonly state: string;
  /** It was seen between nothing and all. */
  readonly wasOnItsWay: boolean;
  readonly wentBack: boolean;
}

/** Asks until it is over. Null: it was not over in time. A question that is not answered is asked again. */
const follow = (id: string, token: string | null, until: number): End | null => {
  let last = 0;
  let wasOnItsWay = false;
  let wentBack = false;
  while (Date.now() < until) {
    const answer = http.get(`${baseUrl}/api/exports/${id}`, {
      ...request({ name: 'GET /api/exports/:id' }, bearer(token)),
      responseType: 'text',
    });
    const { state, progress } = answer.status === 200 ? fieldsOf(answer) : {};
    if (typeof progress === 'number') {
      wasOnItsWay = wasOnItsWay || (progress > 0 && progress < 1);
      wentBack = wentBack || progress < last;
      last = progress;
    }
    if (state === 'done' || state === 'failed') return { state, wasOnItsWay, wentBack };
    sleep(askEveryMs / 1000);
  }
  return null;
};
