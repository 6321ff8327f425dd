import collaboration from '../thresholds/collaboration.ts';
import { type Change, createSharedMember, type State } from './lib/journeys/shared-member.ts';
import { countedCounter, countedTrend } from './lib/objectives/counted.ts';
import { scenarioOptions } from './lib/objectives/scenario-options.ts';
import { login } from './lib/runtime/auth.ts';
import { now } from './lib/runtime/clock.ts';
import { durationFrom, numberFrom, urlFrom, wholeNumber } from './lib/runtime/env.ts';
import { readFrame } from './lib/runtime/frame.ts';
import { Trend } from './lib/runtime/k6.ts';
import { keepSocket } from './lib/runtime/kept-socket.ts';
import { wsUrl } from './lib/runtime/websocket.ts';

/**
 * 10 sessions of 5 people, who make an edit a second each. Every fourth is of the same thing at the same time, so that each overwrites
 * what it does not know of. At the end each member has to know every edit of every member of its session, once and in order.
 *
 * Edits go on while there is no connection. They queue, and are sent again, in order, on the next one. Each edit is an event for drills
 * (`shared_edit`, with the tag `seen`): its author has heard within LATE_AFTER that it was applied, or has not.
 */
const sessions = numberFrom('SESSIONS', 10, wholeNumber);
const perSession = numberFrom('MEMBERS', 5, wholeNumber);
const durationMs = durationFrom('DURATION', 60_000, 1_000);
const everyMs = durationFrom('EVERY', 1_000, 50);
const lateMs = durationFrom('LATE_AFTER', 1_000, 1);
/** How long to wait for the last changes, and for the state. */
const drainMs = durationFrom('DRAIN', 3_000, 100);
/** Who hears nothing for so long, although all of them make edits, hangs up and connects again. */
const silenceMs = durationFrom('SILENCE', 5_000, 100);
/** Where the sessions are, if not where other WebSockets go. */
const sessionsUrl = urlFrom('SHARED_URL', wsUrl, ['ws', 'wss']);
const together = 4;
const edits = Math.floor(durationMs / everyMs);

const visible = countedTrend('shared_visible');
const lost = countedCounter('shared_lost');
const repeated = countedCounter('shared_repeated');
const reordered = countedCounter('shared_reordered');
const untold = countedCounter('shared_untold');
const lastLost = countedCounter('shared_last_lost');
/** Plus one for each member who begins, minus one for each who has reported. */
const present = countedCounter('shared_members');
/** Every edit. */
const made = new Trend('shared_edit', true);

const everybody = sessions * perSession;
const { thresholds, summaryTrendStats, handleSummary } = scenarioOptions(() => ({
  scenario: 'collaboration',
  objectives: collaboration,
  openLoop: false,
  // Every member reports at the end. Of one who died on the way, nobody knows.
  due: {
    'collaboration.lost': everybody,
    'collaboration.repeated': everybody,
    'collaboration.reordered': everybody,
    'collaboration.untold-conflicts': everybody,
    'collaboration.last-write-lost': everybody,
  },
  trends: ['shared_visible'],
}));

export const options = {
  scenarios: {
    members: {
      executor: 'per-vu-iterations',
      vus: everybody,
      iterations: 1,
      maxDuration: `${durationMs + 2 * drainMs + 30_000}ms`,
    },
  },
  thresholds,
  summaryTrendStats,
};
export { handleSummary };

export const setup = () => ({ token: login(), run: crypto.randomUUID() });

export default function share({ token, run }: { token: string | null; run: string }) {
  const session = `${run}-${Math.floor((__VU - 1) / perSession)}`;
  const name = `member-${(__VU - 1) % perSession}`;
  const names = Array.from({ length: perSession }, (_, i) => `member-${i}`);
  const member = createSharedMember(name, names, edits);
  /** By their numbers, when this member's edits were made, while they are neither seen nor late. */
  const due = new Map<number, number>();
  let state: State | null = null;
  present.add(1);
  const socket = keepSocket({
    url: () =>
      `${sessionsUrl}/ws/sessions?token=${token}&session=${session}&member=${name}&since=${member.version()}`,
    name: 'WS /ws/sessions',
    silenceMs,
    opened() {
      for (const edit of member.unanswered()) socket.send(JSON.stringify({ type: 'edit', ...edit }));
    },
    heard(data) {
      const said = readFrame<Change & { type: string; values: State }>(data);
      if (said?.type === 'state') state = said.values ?? null;
      else if (said?.type === 'change') hear(said as Change);
    },
  });
  // They are not all ready at the same time, but all keep to the same beat.
  const first = Math.ceil((now() + 500) / everyMs);
  const start = first * everyMs;
  setTimeout(() => begin(0), start - now());

  function begin(count: number): void {
    socket.check();
    const key = (first + count) % together === 0 ? 'tempo' : `track of ${name}`;
    const base = member.knows(key);
    // It takes a while to make an edit; what others do meanwhile its author does not know.
    setTimeout(() => finish(key, base), everyMs * (0.3 + Math.random() * 0.3));
    const next = start + (count + 1) * everyMs - now();
    if (count + 1 < edits) setTimeout(() => begin(count + 1), Math.max(0, next));
    else setTimeout(ask, Math.max(0, next) + drainMs);
  }

  function finish(key: string, base: number): void {
    const at = now();
    const edit = member.edit(key, `${at}`, base);
    due.set(edit.seq, at);
    setTimeout(() => {
      if (due.delete(edit.seq)) made.add(now() - at, { seen: 'false' });
    }, lateMs);
    socket.send(JSON.stringify({ type: 'edit', ...edit }));
  }

  function hear(change: Change): void {
    if (!member.hear(change)) return;
    const at = Number(change.value);
    if (change.by !== name) visible.add(now() - at);
    else if (due.delete(change.seq)) made.add(now() - at, { seen: 'true' });
  }

  function ask(): void {
    socket.send(JSON.stringify({ type: 'read' }));
    setTimeout(report, drainMs);
  }

  function report(): void {
    const account = member.account();
    lost.add(account.lost);
    // Who heard nothing cannot say that it came once and in order.
    if (member.version() > 0) {
      repeated.add(account.repeated);
      reordered.add(account.reordered);
    }
    // Where nothing collided, nobody can say that they would have been told.
    if (account.conflicts > 0) untold.add(account.untold);
    if (state !== null) lastLost.add(member.wrong(state));
    present.add(-1);
    socket.close();
  }
}
