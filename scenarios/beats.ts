import beats, { oneBeat } from '../thresholds/beats.ts';
import { checkAudio } from './lib/journeys/audio.ts';
import { announcedAfterMs, clockOffsetMs, type News, readNews, tookMs } from './lib/journeys/beat-news.ts';
import { countedCounter, countedRate, countedTrend } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { monitor, ofEachService } from './lib/pages/monitor.ts';
import { bearer, login } from './lib/runtime/auth.ts';
import { durationFrom, numberFrom, wholeNumber } from './lib/runtime/env.ts';
import { fieldsOf } from './lib/runtime/fields.ts';
import { http } from './lib/runtime/k6.ts';
import { baseUrl, request } from './lib/runtime/target.ts';
import { WebSocket, wsUrl } from './lib/runtime/websocket.ts';

/**
 * 10 users order a beat at the same time. Orders queue and do not fail; each beat takes 10 to 30 s once it has begun, and its
 * user is notified on a WebSocket, and fetches it. SCALE shortens the times for a target that is set to be faster. Meanwhile the
 * producer's memory is watched.
 */
const users = numberFrom('USERS', 10, wholeNumber);
const rounds = numberFrom('ROUNDS', 1, wholeNumber);
const orders = users * rounds;
/** More than 99 of 100; with up to 100 users, all of them. */
const mostOrders = orders - Math.ceil(orders / 100) + 1;
const scale = numberFrom('SCALE', 1, { min: 0.001, max: 100 });
const lateMs = durationFrom('LATE_AFTER', oneBeat.announcedWithinMs, 1);
/** How long to wait for the notification of one beat. */
const patienceMs = durationFrom('PATIENCE', 300_000 * scale, 100);
/** What a machine's timers may add to a duration. */
const toleranceMs = durationFrom('TOLERANCE', 500);
/** About as long as it takes four workers to make all beats. */
const watchMs = durationFrom('WATCH', rounds * 60_000 * scale, 1_000);
const targets = 'producer=http://127.0.0.1:9070/metrics';

const failed = countedRate('beat_failed');
const outside = countedCounter('beat_outside_duration');
const unannounced = countedCounter('beat_unannounced');
const late = countedCounter('beat_announced_late');
const duration = countedTrend('beat_duration');
const wait = countedTrend('beat_wait');

const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'beats',
  objectives: beats,
  openLoop: false,
  // Orders may fail, if few enough to meet beats.errors; nothing more is due of those.
  due: {
    'beats.errors': orders,
    'beats.duration': mostOrders,
    'beats.notifications.missing': mostOrders,
    'beats.notifications.late': mostOrders,
    'beats.stored': mostOrders,
    's3.upload': mostOrders,
    's3.signed-url': mostOrders,
    'beats.memory-growth': ofEachService(targets),
  },
  names: ['POST /api/ai/generate-beat'],
  trends: ['beat_duration', 'beat_wait', 'target_memory_mb'],
}));

export const options = {
  scenarios: {
    beats: {
      executor: 'per-vu-iterations',
      vus: users,
      iterations: rounds,
      maxDuration: `${rounds * (patienceMs + 30_000)}ms`,
    },
    memory: {
      executor: 'per-vu-iterations',
      vus: 1,
      iterations: 1,
      maxDuration: `${watchMs + 60_000}ms`,
      exec: 'watch',
    },
  },
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

export const setup = () => {
  const token = login();
  return { token };
};

export const watch = () => monitor({ durationMs: watchMs, targets });

export default function orderBeat({ token }: { token: string | null }) {
  const socket = new WebSocket(`${wsUrl}/ws/beats?token=${token}`, null, { tags: { name: 'WS /ws/beats' } });
  let id: string | null = null;
  let orderedAt = 0;
  /** How far the client's clock is ahead of the server's, which says when a beat was done. */
  let offsetMs: number | null = null;
  let over = false;
  /** News of a beat whose order has not been answered yet, and of other users' beats. */
  const early: { news: News; at: number }[] = [];

  const end = (): void => {
    over = true;
    clearTimeout(patience);
    socket.close();
  };
  const patience = setTimeout(() => {
    if (over) return;
    // No notification: ask once, to tell a beat that was not announced from one that was never done.
    failed.add(id !== null && stateOf(id, token) === 'done' ? 0 : 1);
    unannounced.add(1);
    end();
  }, patienceMs);

  const hear = (news: News, at: number): void => {
    if (news.state === 'started') wait.add(at - orderedAt);
    if (news.state !== 'done' && news.state !== 'failed') return;
    failed.add(news.state === 'failed');
    unannounced.add(0);
    // Without the server's times there is no sample: nobody knows how late it was, or how long it took.
    const after = announcedAfterMs(news, at, offsetMs);
    if (after !== null) late.add(after > lateMs ? 1 : 0);
    const took = tookMs(news);
    if (took !== null && news.state === 'done') {
      duration.add(took);
      const tooShort = took < oneBeat.shortestMs * scale - toleranceMs;
      outside.add(tooShort || took > oneBeat.longestMs * scale + toleranceMs ? 1 : 0);
    }
    if (news.state === 'done') checkAudio(`/api/ai/beats/${news.id}/audio`, token);
    end();
  };

  socket.onopen = () => {
    orderedAt = Date.now();
    const response = http.post(
      `${baseUrl}/api/ai/generate-beat`,
      JSON.stringify({ genre: 'boom bap', bpm: 90 }),
      request(
        { name: 'POST /api/ai/generate-beat' },
        { ...bearer(token), 'Content-Type': 'application/json' },
      ),
    );
    const order = fieldsOf(response);
    // An order that was accepted without an id: no notification can be matched to it.
    if (response.status !== 202 || order.id === undefined) {
      failed.add(1);
      end();
      return;
    }
    offsetMs = clockOffsetMs({
      answeredAt: Date.now(),
      requestMs: response.timings.duration,
      queuedAt: order.queuedAt,
    });
    id = String(order.id);
    for (const { news, at } of early) if (news.id === id) hear(news, at);
  };
  socket.onmessage = (event) => {
    const news = readNews(event?.data);
    if (news === null) return;
    if (id === null) early.push({ news, at: Date.now() });
    else if (news.id === id && !over) hear(news, Date.now());
  };
  socket.onerror = () => {
    if (over) return;
    failed.add(1);
    end();
  };
}

const stateOf = (id: string, token: string | null): string => {
  const answer = http.get(
    `${baseUrl}/api/ai/beats/${id}`,
    request({ name: 'GET /api/ai/beats/:id' }, bearer(token)),
  );
  return answer.status === 200 ? String(fieldsOf(answer).state) : '';
};
