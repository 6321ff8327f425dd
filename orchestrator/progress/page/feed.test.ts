import { expect, test } from 'vitest';
import type { JournalEvent } from '../../journal/events.ts';
import { HOSTILE, withTexts } from '../../report/fixtures/hostile.ts';
import { realisticRun } from '../../report/fixtures/realistic.ts';
import type { LiveTick } from '../../samples/types.ts';
import { createFeed, type Feed } from './feed.ts';
import type { LiveHead } from './message.ts';

const { run } = realisticRun('FAIL');
const zeroMs = run.lines.find(({ event }) => event.type === 'first-sample')?.at ?? 0;
const [started] = run.lines;
const drill = started?.event.type === 'run-started' ? started.event.drill : null;

test('tells of a run what the terminal tells, and where each thing stands', () => {
  const { feed, until } = replay();
  until(-1);
  expect(head(feed).waitsFor).toEqual([{ text: 'the first sample of the load', until: null }]);
  until(1);
  expect(head(feed)).toMatchObject({ phase: 'steady', drill: 'spike', zeroMs, stopping: false, end: null });
  const [first] = drill?.faults ?? [];
  expect(head(feed).waitsFor).toEqual([
    {
      text: `${first?.name} (${first?.kind} ${first?.component}), if the steady state holds until then`,
      until: zeroMs + (first?.at ?? 0),
    },
  ]);
  expect(head(feed).faults.map(({ state }) => state)).toEqual(drill?.faults.map(() => 'planned'));
  expect(head(feed).probes.map(({ state }) => state)).toEqual(drill?.probes.map(() => 'waiting'));
  until(10_000);
  expect(head(feed).phase).toBe('checking');
  expect(head(feed).faults.map(({ state }) => state)).toEqual(drill?.faults.map(() => 'out'));
  expect(
    head(feed)
      .timeline.lanes.slice(1)
      .map(({ bars }) => bars.map(({ kind }) => kind)),
  ).toEqual(drill?.faults.map(() => ['fault']));
  expect(feed.since(null).log.map(({ text }) => text)).toContain('✔ steady state held for 15 s');
});

test('a browser is told once', () => {
  const { feed, until } = replay();
  until(20);
  const { revision } = feed;
  expect(feed.since(null)).toMatchObject({ full: true, log: { length: feed.since(null).log.length } });
  expect(feed.since(null).log.length).toBeGreaterThan(2);
  feed.event({ type: 'note', text: 'one more' });
  feed.tick(
    tick({ seconds: [{ second: 5, requests: 9, failed: 1, dropped: 0, p50: 1, p95: 2, p99: 3 }] }),
    0,
  );
  const news = feed.since(revision);
  expect(news.full).toBe(false);
  expect(news.log.map(({ text }) => text)).toEqual(['one more']);
  expect(news.points).toEqual([[0, 9, 1, 0, 1, 2, 3]]);
  expect(feed.since(feed.revision)).toMatchObject({ log: [], points: [] });
});

test('loads are shown together: the requests of all, the worst p95', () => {
  const feed = newFeed();
  feed.tick(tick({ requestsPerSecond: 90, dropped: 10, errorShare: 0.1, p95Ms: 20, vus: 3 }), 0);
  feed.tick(tick({ requestsPerSecond: 100, errorShare: 0, p95Ms: 300, vus: 4 }), 1);
  const figures = Object.fromEntries(head(feed).figures.map(({ name, text }) => [name, text]));
  expect(figures).toEqual({ Requests: '190/s', p95: '300 ms', 'Bad events': '5 %', Dropped: '10', VUs: '7' });
});

test('a load that has ended is no longer part of what is going on, unless it was the last', () => {
  const feed = newFeed();
  for (const load of [0, 1]) feed.event({ type: 'load-started', load, script: 's.js', pid: 1, k6: '1.8.1' });
  feed.tick(tick({ requestsPerSecond: 20 }), 0);
  feed.tick(tick({ requestsPerSecond: 3 }), 1);
  const end = { exitCode: 0, signal: null, streamComplete: true, streamDetail: '', scriptErrors: 0 };
  feed.event({ type: 'load-ended', load: 0, ...end });
  expect(head(feed).figures[0]?.text).toBe('3/s');
  feed.event({ type: 'load-ended', load: 1, ...end });
  expect(head(feed).figures[0]?.text).toBe('3/s');
});

test('without a request no share of bad ones is claimed', () => {
  const feed = newFeed();
  feed.tick(tick({ requestsPerSecond: 0, errorShare: 0, p95Ms: null }), 0);
  const figures = Object.fromEntries(head(feed).figures.map(({ name, text }) => [name, text]));
  expect(figures).toMatchObject({ Requests: '0/s', 'Bad events': '–', p95: '–' });
});

test('says when samples stop coming', () => {
  let at = 1_000;
  const feed = newFeed(() => at);
  feed.tick(tick({ newestSampleAt: 1_000 }), 0);
  at = 8_500;
  expect(head(feed).figures[0]?.note).toBe('no samples for 7 s');
});

test('shows seconds in which the machine stood still, also when it is told of them in parts', () => {
  const feed = newFeed();
  const stall = (from: number, to: number) => ({ from, to, lostMs: to - from, cause: 'late' as const });
  const machine = (second: number, stalls: ReturnType<typeof stall>[]): JournalEvent => ({
    ...{ type: 'machine', second, lateMaxMs: 0, stalls, vus: null },
    ...{ busy: null, steal: null, pressure: null, k6Cpus: null, k6WaitMs: null },
  });
  feed.event({ type: 'first-sample', time: 100_000 });
  feed.event(machine(101, []));
  feed.event(machine(102, [stall(101_200, 102_900)]));
  feed.event(machine(103, []));
  feed.event(machine(104, [stall(104_100, 104_600)]));
  expect(head(feed).timeline.unable).toEqual([
    { from: 1, to: 3 },
    { from: 4, to: 5 },
  ]);
  for (let second = 105; second < 200; second++) feed.event(machine(second, []));
  expect(head(feed).timeline.unable).toHaveLength(2);
});

test('a storm of alerts stays small', () => {
  const feed = newFeed();
  feed.event({ type: 'first-sample', time: 0 });
  for (let at = 0; at < 50_000; at++)
    feed.event({
      type: 'alert',
      alert: {
        ...{ receivedAt: at * 20, status: 'firing', labels: { alertname: `Down${at}` } },
        ...{ annotations: {}, startsAt: null },
      },
    });
  const all = feed.since(null);
  expect(all.head.alerts.count).toBe(50_000);
  expect(all.head.alerts.newest).toHaveLength(5);
  expect(JSON.stringify(all).length).toBeLessThan(100_000);
});

test.each(HOSTILE)('text from outside cannot steer what shows it: %j', (hostile) => {
  const feed = newFeed();
  for (const { event } of withTexts(realisticRun('FAIL'), () => hostile).run.lines) feed.event(event);
  const text = JSON.stringify(feed.since(null));
  expect(text).not.toMatch(/\\u00[01]|\\[bfnrt]|[\u202e\u2066\u200b\u2028\ufeff]/);
});

test('keeps a bounded number of lines', () => {
  const feed = newFeed();
  for (let at = 0; at < 2_000; at++) feed.event({ type: 'note', text: `note ${at} ${'x'.repeat(5_000)}` });
  const { log } = feed.since(null);
  expect(log).toHaveLength(500);
  expect(log.at(-1)).toMatchObject({ number: 2_000 });
  expect(log.at(-1)?.text.length).toBe(2_000);
});

function newFeed(now: () => number = () => zeroMs): Feed {
  return createFeed({ run: 'r', directory: '/d', faults: drill?.faults ?? [], durationMs: 120_000, now });
}

/** The events of a recorded run, up to so many seconds after its first sample. */
function replay() {
  let at = 0;
  const feed = newFeed(() => at);
  let next = 0;
  return {
    feed,
    until(seconds: number) {
      for (; next < run.lines.length; next++) {
        const line = run.lines[next];
        if (line === undefined || line.at > zeroMs + seconds * 1000) return;
        at = line.at;
        feed.event(line.event);
      }
    },
  };
}

function head(feed: Feed): LiveHead {
  return feed.since(null).head;
}

function tick(other: Partial<LiveTick>): LiveTick {
  return {
    ...{ at: 0, newestSampleAt: 0, requestsPerSecond: 10, errorShare: 0, p95Ms: 5, dropped: 0 },
    ...{ objectives: [], breached: [], silentMs: null, breachedBySilence: [] },
    ...other,
  };
}
