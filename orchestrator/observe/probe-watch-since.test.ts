import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { DrillProbe } from '../../chaos/schema/drill.ts';
import { now } from '../clock.ts';
import { watching } from './fixtures/watching.ts';

type Metric = Extract<DrillProbe, { kind: 'metric' }>;

/** What becomes of such a probe of such a server, once its fault is in; without `after`, once the load has begun. */
async function ask(bounds: Partial<Metric>, answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { watch, written } = watching({
    ...{ name: 'reads', kind: 'metric', url, sum: false, staleAfter: 60_000, of: 'value' },
    ...bounds,
  });
  watch.seen({ type: 'fault-injected', fault: 'lost', evidence: { at: now(), seen: ['gone'] } });
  watch.seen({ type: 'first-sample', time: now() });
  await watch.settled();
  server.close();
  server.closeAllConnections();
  return written[0];
}

/** A scrape of a target, so many milliseconds from the beginning of the test. */
interface Scrape {
  readonly target: string;
  readonly atMs: number;
  readonly value: number;
}

/** Answers as Prometheus does: with the sum over the targets of each one's last sample that is not older than the lookback. */
function prometheus(...scrapes: readonly Scrape[]): RequestListener {
  const start = now();
  return (request, response) => {
    const asked = new URL(request.url ?? '', 'http://server').searchParams;
    const [, amount, unit] = /^(\d+)(ms|s)$/.exec(asked.get('lookback_delta') ?? '') ?? [];
    const lookbackMs = Number(amount) * (unit === 's' ? 1000 : 1);
    const at = Number(asked.get('time') ?? now() / 1000);
    const last = new Map<string, number>();
    for (const { target, atMs, value } of scrapes) {
      const ageMs = at * 1000 - start - atMs;
      if (ageMs >= 0 && ageMs <= lookbackMs) last.set(target, value);
    }
    const sum = [...last.values()].reduce((total, one) => total + one, 0);
    const result = last.size === 0 ? [] : [{ metric: {}, value: [at, String(sum)] }];
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  };
}

const replicas = { query: 'sum(ready)', after: 'lost', atLeast: 3 };
const before = { target: 'a', atMs: -5_000, value: 3 };

test('what Prometheus scraped before the fault does not say that it is well after it: FAIL', async () => {
  const seen = await ask(
    { ...replicas, within: 3_500 },
    prometheus(before, { target: 'a', atMs: 1_500, value: 2 }),
  );
  expect(seen).toMatchObject({ ok: false, detail: 'not within its time: 2' });
  expect(seen).not.toHaveProperty('unanswered');
});

test('what it scrapes after the fault does, from then on: PASS', async () => {
  const startAt = now();
  const seen = await ask(
    { ...replicas, within: 6_000 },
    prometheus(before, { target: 'a', atMs: 1_500, value: 3 }),
  );
  expect(seen).toMatchObject({ ok: true, detail: '3' });
  expect((seen as { time: number }).time - startAt).toBeGreaterThanOrEqual(1_500);
});

test('nothing scraped since the fault is no answer: INVALID', async () => {
  expect(await ask({ ...replicas, within: 1_500 }, prometheus(before))).toMatchObject({
    ok: false,
    unanswered: true,
    detail: expect.stringContaining('of the samples since the probe began, the query gives no data'),
  });
});

test('a sum over targets that were not all scraped again is none: FAIL, as all of them say', async () => {
  const seen = await ask(
    { query: 'sum(queue)', after: 'lost', atMost: 0, within: 4_500 },
    prometheus(
      { target: 'a', atMs: -5_000, value: 0 },
      { target: 'b', atMs: -4_000, value: 5 },
      { target: 'a', atMs: 200, value: 0 },
      { target: 'b', atMs: 2_500, value: 4 },
    ),
  );
  expect(seen).toMatchObject({ ok: false, detail: 'not within its time: 4' });
  expect(seen).not.toHaveProperty('unanswered');
});

test('without a fault, and for what has to last, the age of a sample alone decides: PASS', async () => {
  const once = await ask({ query: 'sum(ready)', atLeast: 3, within: 1_500 }, prometheus(before));
  expect(once).toMatchObject({ ok: true, detail: '3' });
  const lasts = await ask({ ...replicas, for: 1_500 }, prometheus(before));
  expect(lasts).toMatchObject({ ok: true });
});

test('a sample that is from before the fault by its own time says nothing of after it: FAIL', async () => {
  const start = now();
  const old = `ready 3 ${start - 5_000}\n`;
  const page = (text: () => string) =>
    ask({ metric: 'ready', after: 'lost', atLeast: 3, within: 1_500 }, (_, response) => response.end(text()));
  expect(await page(() => (now() - start < 500 ? old : `ready 2 ${now()}\n`))).toMatchObject({
    ok: false,
    detail: 'not within its time: 2',
  });
  expect(await page(() => old)).toMatchObject({
    unanswered: true,
    detail: expect.stringMatching(/no reading: the sample is of .* before the probe began$/),
  });
  expect(await page(() => `ready 3 ${now()}\n`)).toMatchObject({ ok: true });
});
