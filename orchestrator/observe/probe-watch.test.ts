import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import type { ProbeReading } from '../../chaos/provider.ts';
import type { DrillProbe } from '../../chaos/schema/drill.ts';
import { now } from '../clock.ts';
import type { JournalEvent, ReceivedAlert } from '../journal/events.ts';
import { createHttpClient } from './http-client.ts';
import { watchProbes } from './probe-watch.ts';

const http = createHttpClient();
afterAll(() => http.close());

const probe: DrillProbe = {
  name: 'alerted',
  kind: 'alert',
  match: { component: 'gateway' },
  within: 60,
  after: 'lost',
};
const alert = (receivedAt: number, startsAt: string | null = null): ReceivedAlert => ({
  receivedAt,
  status: 'firing',
  labels: { component: 'gateway', alertname: 'Lost' },
  annotations: {},
  startsAt,
});
const injecting: JournalEvent = { type: 'fault-injecting', fault: 'lost', targets: [], dueAt: now() };

/** A watch of these probes, and what it has written. No component answers. */
function watching(...probes: readonly DrillProbe[]) {
  const written: JournalEvent[] = [];
  const watch = watchProbes({
    probes,
    write: (event) => written.push(event),
    stop: new AbortController().signal,
    http,
    ask: async () => ({ ok: false, detail: '' }),
  });
  return { watch, written };
}

/** An alert so many ms after the injection began, whose proof comes 30 ms after that. */
async function withAlert(afterMs: number, startsAt: string | null = null): Promise<JournalEvent | undefined> {
  const { watch, written } = watching(probe);
  if (afterMs < 0) watch.seen({ type: 'alert', alert: alert(now() + afterMs) });
  watch.seen(injecting);
  const begun = now();
  if (afterMs >= 0) watch.seen({ type: 'alert', alert: alert(begun + afterMs, startsAt) });
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: begun + 30, seen: ['gone'] } });
  await watch.settled();
  return written.find(({ type }) => type === 'probe');
}

test('an alert that is faster than the proof of the fault counts', async () => {
  expect(await withAlert(10)).toMatchObject({ ok: true, detail: 'Lost' });
});

test('an alert after the proof counts', async () => {
  expect(await withAlert(40)).toMatchObject({ ok: true });
});

test('an alert from before the fault does not count', async () => {
  expect(await withAlert(-10)).toMatchObject({ ok: false, detail: 'not within its time' });
});

test('an alert that is repeated, about an incident from before the fault, does not count', async () => {
  expect(await withAlert(10, new Date(now() - 30_000).toISOString())).toMatchObject({ ok: false });
  expect(await withAlert(10, new Date(now()).toISOString())).toMatchObject({ ok: true });
});

/** What is written about a probe once the fault `lost` is in, until it has its answer. */
async function settledAfterFault(probe: DrillProbe): Promise<JournalEvent[]> {
  const { watch, written } = watching(probe);
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now(), seen: ['gone'] } });
  await watch.settled();
  return written;
}

/** What becomes of an HTTP probe of such a server, and how many requests it sent. */
async function askServer(within: number, answer: (request: number) => RequestListener) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(requests)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const written = await settledAfterFault({
    name: 'answers',
    kind: 'http',
    url,
    status: 200,
    within,
    after: 'lost',
  });
  server.closeAllConnections();
  server.close();
  return { probe: written[0], requests };
}

test('a target that accepts and never answers is asked again, and found when it is back', async () => {
  const { probe: seen, requests } = await askServer(
    8_000,
    (request) => (_, response) => void (request > 1 && response.end()),
  );
  expect(seen).toMatchObject({ ok: true, detail: 'answered 200' });
  expect(requests).toBeGreaterThanOrEqual(2);
}, 10_000);

test('one that never answers within the time of the probe ends with it, and is said to be silent', async () => {
  const { probe: seen } = await askServer(2_500, () => () => {});
  expect(seen).toMatchObject({ ok: false, detail: 'not within its time: no answer within 2 s' });
  // Its silence is the answer: the promise is broken.
  expect(seen).not.toHaveProperty('unanswered');
}, 10_000);

/** What becomes of a probe of a component whose provider answers so. */
async function askProvider(
  ask: (looks: number) => ProbeReading,
  within = 700,
): Promise<JournalEvent | undefined> {
  let looks = 0;
  const written: JournalEvent[] = [];
  const watch = watchProbes({
    probes: [{ name: 'back', kind: 'ready-within', component: 'gateway', within, after: 'lost' }],
    write: (event) => written.push(event),
    stop: new AbortController().signal,
    http,
    ask: async () => ask(++looks),
  });
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now(), seen: ['gone'] } });
  await watch.settled();
  return written[0];
}

function cannotTell(): never {
  throw new Error('may not list deployments');
}

test('a provider that can never tell leaves its probe unanswered, and why is said', async () => {
  expect(await askProvider(cannotTell)).toMatchObject({
    ok: false,
    unanswered: true,
    detail: 'no answer within its time: may not list deployments',
  });
});

test('a provider that can tell once has answered, whatever comes of it later', async () => {
  const notYet = { ok: false, detail: '2 of 3 replicas are ready' };
  const missed = await askProvider((looks) => (looks === 1 ? notYet : cannotTell()));
  expect(missed).toMatchObject({ ok: false, detail: expect.stringMatching(/^not within its time: /) });
  expect(missed).not.toHaveProperty('unanswered');
  const ready = { ok: true, detail: '3 of 3 replicas are ready' };
  const held = await askProvider((looks) => (looks === 1 ? cannotTell() : ready), 10_000);
  expect(held).toMatchObject(ready);
  expect(held).not.toHaveProperty('unanswered');
});

test('an alert that may have been refused leaves its probe unanswered', async () => {
  const { watch, written } = watching(probe);
  watch.seen(injecting);
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now(), seen: ['gone'] } });
  watch.seen({ type: 'alerts-refused', count: 3, reason: 'it has no labels' });
  await watch.settled();
  expect(written[0]).toMatchObject({
    ok: false,
    unanswered: true,
    detail: 'no answer within its time: alerts arrived and were refused: it has no labels',
  });
});

test.each([
  [
    'refuses the connection',
    'http://127.0.0.1:1/',
    /^not within its time: 127.0.0.1:1 refused the connection$/,
    false,
  ],
  [
    'has a name that nobody knows',
    'http://squall.invalid/',
    /^no answer within its time: cannot ask: the name of squall.invalid (cannot be resolved|was not resolved in time)/,
    true,
  ],
])('a target that %s', async (_, url, detail, unanswered) => {
  const { watch, written } = watching({
    name: 'answers',
    kind: 'http',
    url,
    status: 200,
    within: 600,
    after: 'lost',
  });
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now(), seen: ['gone'] } });
  await watch.settled();
  expect(written[0]).toMatchObject({ ok: false, detail: expect.stringMatching(detail) });
  expect((written[0] as { unanswered?: boolean }).unanswered ?? false).toBe(unanswered);
});

test('a probe that a stop of the run cuts short has no answer', async () => {
  const written: JournalEvent[] = [];
  const stop = new AbortController();
  const watch = watchProbes({
    probes: [
      probe,
      {
        name: 'answers',
        kind: 'http',
        url: 'http://127.0.0.1:1/',
        status: 200,
        within: 9_000,
        after: 'lost',
      },
    ],
    write: (event) => written.push(event),
    stop: stop.signal,
    http,
    ask: async () => ({ ok: false, detail: '' }),
  });
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now() + 5_000, seen: ['gone'] } });
  stop.abort();
  await watch.settled();
  for (const event of written)
    expect(event).toMatchObject({
      unanswered: true,
      detail: expect.stringMatching(/^the run was stopped before/),
    });
  expect(written).toHaveLength(2);
});

test('an alert without a label that it must have is not the one', async () => {
  const { watch, written } = watching(
    { ...probe, name: 'with-id', has: ['correlation_id'] } as DrillProbe,
    { ...probe, name: 'with-name', has: ['alertname'] } as DrillProbe,
  );
  watch.seen(injecting);
  watch.seen({ type: 'alert', alert: alert(now()) });
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now(), seen: ['gone'] } });
  await watch.settled();
  expect(written).toContainEqual(expect.objectContaining({ name: 'with-name', ok: true }));
  expect(written).toContainEqual(
    expect.objectContaining({
      name: 'with-id',
      ok: false,
      detail: 'not within its time: an alert arrived without correlation_id',
    }),
  );
});

/** What becomes of a reading of a page that says this, request after request. */
async function readPage(bounds: Partial<Extract<DrillProbe, { kind: 'metric' }>>, ...pages: string[]) {
  let requests = 0;
  const server = createServer((_, response) => {
    response.end(pages[Math.min(requests, pages.length - 1)]);
    requests += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const written = await settledAfterFault({
    ...{ name: 'reads', kind: 'metric', url, metric: 'actions_total', sum: false, staleAfter: 60_000 },
    ...{ of: 'value', after: 'lost', ...bounds },
  });
  server.close();
  server.closeAllConnections();
  return written.find(({ type }) => type === 'probe');
}

test('a metric that holds once, and one that lasts', async () => {
  const up = await readPage({ atLeast: 2, within: 5_000 }, 'actions_total 1\n', 'actions_total 2\n');
  expect(up).toMatchObject({ ok: true, detail: '2' });
  const none = await readPage({ of: 'increase', atMost: 0, for: 1_200 }, 'actions_total 7\n');
  expect(none).toMatchObject({ ok: true, detail: expect.stringMatching(/^0 in \d readings$/) });
});

test('a metric that breaks its bound is the target, a page that is none is nobody', async () => {
  const acted = await readPage(
    { of: 'increase', atMost: 0, for: 1_200 },
    'actions_total 7\n',
    'actions_total 8\n',
  );
  expect(acted).toMatchObject({ ok: false, time: null, detail: 'it did not hold: 1' });
  expect(acted).not.toHaveProperty('unanswered');
  const html = await readPage({ of: 'increase', atMost: 0, for: 600 }, '<!doctype html>\n');
  expect(html).toMatchObject({
    ok: false,
    unanswered: true,
    detail: expect.stringContaining('this is no page of metrics'),
  });
});

const replicas = (name: string, atLeast: number, atMost: number, after?: string): DrillProbe => ({
  ...{ name, kind: 'replicas', component: 'gateway', atLeast, atMost, within: 400 },
  ...(after === undefined ? {} : { after }),
});

test('a probe that comes after another starts when that one holds, and never if it does not', async () => {
  const written: JournalEvent[] = [];
  let ready = 3;
  const watch = watchProbes({
    probes: [
      replicas('before', 3, 3),
      replicas('out', 10, 10),
      replicas('back', 3, 3, 'out'),
      replicas('more', 11, 11),
      replicas('never', 3, 3, 'more'),
    ],
    write: (event) => {
      written.push(event);
      if (event.type === 'probe') ready = event.name === 'before' ? 10 : event.name === 'out' ? 3 : ready;
    },
    stop: new AbortController().signal,
    http,
    ask: async (one) => ({
      ok: one.kind === 'replicas' && ready >= (one.atLeast ?? 0) && ready <= (one.atMost ?? 0),
      detail: `${ready} are ready`,
    }),
  });
  watch.seen({ type: 'first-sample', time: now() });
  await watch.settled();
  const held = written.flatMap((event) => (event.type === 'probe' ? [[event.name, event.ok]] : []));
  expect(held).toEqual([
    ['before', true],
    ['out', true],
    ['back', true],
    ['more', false],
  ]);
});
