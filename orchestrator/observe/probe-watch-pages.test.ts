import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import type { DrillProbe } from '../../chaos/schema/drill.ts';
import { now } from '../clock.ts';
import { injecting, settledAfterFault, watching } from './fixtures/watching.ts';

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

test('an answer with another status is one, and not the one that was asked for', async () => {
  const { probe: seen } = await askServer(3_000, () => (_, response) => response.writeHead(503).end());
  expect(seen).toMatchObject({ ok: false, detail: 'not within its time: answered 503' });
  expect(seen).not.toHaveProperty('unanswered');
});

test('one that never answers within the time of the probe ends with it, and is said to be silent', async () => {
  const { probe: seen } = await askServer(2_500, () => () => {});
  expect(seen).toMatchObject({ ok: false, detail: 'not within its time: no answer within 2 s' });
  // Its silence is the answer: the promise is broken.
  expect(seen).not.toHaveProperty('unanswered');
}, 10_000);

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

/** What becomes of a reading of a page that says this, request after request. */
type Metric = Extract<DrillProbe, { kind: 'metric' }>;
async function readPage(bounds: Partial<Metric>, ...pages: string[]) {
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

/** What becomes of a probe of a page that changes once it was read before the fault; null: the target answers nothing. */
async function readAround(bounds: Partial<Metric>, before: string | null, ...after: string[]) {
  let requests = 0;
  const server = createServer((_, response) => {
    const page = requests === 0 ? before : after[Math.min(requests, after.length) - 1];
    requests += 1;
    if (page === null) response.destroy();
    else response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const { watch, written } = watching({
    ...{ name: 'acts', kind: 'metric', url, metric: 'actions_total', sum: false, staleAfter: 60_000 },
    ...{ of: 'increase', after: 'lost', ...bounds },
  });
  watch.seen(injecting);
  await vi.waitUntil(() => requests === 1, { timeout: 5_000, interval: 5 });
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now(), seen: ['gone'] } });
  await watch.settled();
  server.close();
  server.closeAllConnections();
  return written[0];
}

test('what is counted counts from before the fault: a target may be quicker than the evidence', async () => {
  const acted = await readAround({ equals: 1, for: 700 }, 'actions_total 7\n', 'actions_total 8\n');
  expect(acted).toMatchObject({ ok: true, detail: expect.stringMatching(/^1 in \d readings$/) });
});

test.each([
  ['no action', { atMost: 0, for: 1_500 }],
  ['an action', { atLeast: 1_000, within: 3_000 }],
])('two replicas behind one URL did nothing: that there was %s is not known: INVALID', async (_, bounds) => {
  const [first, second] = ['actions_total 1000\n', 'actions_total 900\n'];
  const turns = Array.from({ length: 6 }, () => [second, first]).flat();
  expect(await readAround(bounds, first, ...turns)).toMatchObject({
    ok: false,
    unanswered: true,
    detail: expect.stringContaining('several processes answer at this URL'),
  });
});

test('an increase that one restart is part of has its time from when it held: PASS', async () => {
  const startAt = now();
  const seen = await readAround({ atLeast: 2, within: 3_000 }, 'actions_total 7\n', 'actions_total 2\n');
  expect(seen).toMatchObject({ ok: true, detail: '2' });
  expect((seen as { time: number }).time - startAt).toBeLessThan(now() - startAt - 500);
});

test('of replicas that say when they started, the second one is enough: INVALID', async () => {
  const replica = (actions: number, agoMs: number) =>
    `process_start_time_seconds ${(now() - agoMs) / 1000}\nactions_total ${actions}\n`;
  const pages = [replica(1000, 900_000), replica(900, 300_000)] as const;
  expect(await readAround({ atLeast: 1, within: 3_000 }, ...pages)).toMatchObject({
    ok: false,
    unanswered: true,
    detail: expect.stringContaining('several processes answer at this URL'),
  });
});

test('a process that is killed twice goes on counting: PASS', async () => {
  const started = now();
  const kill = (count: number, actions: number) =>
    `process_start_time_seconds ${started / 1000 + 5 * count}\nactions_total ${actions}\n`;
  const pages = [kill(0, 3), kill(1, 2), kill(1, 3), kill(2, 2), kill(2, 3)] as const;
  expect(await readAround({ equals: 6, for: 2_500 }, ...pages)).toMatchObject({ ok: true });
});

const NOTHING_YET = 'actions_total{outcome="failed"} 3\nup 1\n';
const ONE_DONE = `${NOTHING_YET}actions_total{outcome="done"} 1\n`;
const done = { metric: 'actions_total{outcome="done"}' };

test('a series that comes with the first action has counted it: FAIL of none, PASS of one', async () => {
  const pages = [NOTHING_YET, NOTHING_YET, ONE_DONE] as const;
  const none = await readAround({ ...done, atMost: 0, for: 1_200 }, ...pages);
  expect(none).toMatchObject({ ok: false, detail: 'it did not hold: 1' });
  expect(none).not.toHaveProperty('unanswered');
  expect(await readAround({ ...done, atLeast: 1, within: 5_000 }, ...pages)).toMatchObject({ ok: true });
});

test('it counts also where no page was read before the fault, or only the one before was without it', async () => {
  const late = await readAround({ ...done, atMost: 0, for: 1_200 }, null, NOTHING_YET, ONE_DONE);
  expect(late).toMatchObject({ ok: false, detail: 'it did not hold: 1' });
  const early = await readAround({ ...done, atMost: 0, for: 1_200 }, NOTHING_YET, ONE_DONE);
  expect(early).toMatchObject({ ok: false, detail: 'it did not hold: 1' });
});

test.each([
  ['never comes', { atMost: 0, for: 900 }, [NOTHING_YET, NOTHING_YET]],
  ['never comes, with a bound that nothing breaks', { atLeast: 0, within: 900 }, [NOTHING_YET, NOTHING_YET]],
  ['goes away', { atMost: 0, for: 1_500 }, [ONE_DONE, ONE_DONE, NOTHING_YET]],
] as const)('of a series that %s nothing is known: INVALID', async (_, bounds, [before, ...after]) => {
  expect(await readAround({ ...done, ...bounds }, before, ...after)).toMatchObject({
    ok: false,
    unanswered: true,
    detail: expect.stringContaining('the page has no series actions_total{outcome="done"}'),
  });
});
