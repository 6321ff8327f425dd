import { beforeEach, expect, test, vi } from 'vitest';

interface Sent {
  readonly url: string;
  readonly headers: Record<string, string>;
}

const k6 = vi.hoisted(() => ({
  metadata: {} as Record<string, unknown>,
  counters: [] as string[],
  failed: [] as { tags: object; metadata: object }[],
  sent: [] as Sent[],
  status: 200,
}));
vi.mock('./k6.ts', () => ({
  exec: { vu: { metrics: { metadata: k6.metadata } } },
  http: {
    request: (
      _: string,
      url: string,
      __: unknown,
      { headers = {} }: { headers?: Record<string, string> },
    ) => {
      k6.sent.push({ url, headers });
      return { status: k6.status, error: k6.status === 0 ? 'dial: refused' : '', error_code: 1212 };
    },
  },
  Counter: class {
    constructor(name: string) {
      k6.counters.push(name);
    }
    add(_: number, tags: object) {
      k6.failed.push({ tags, metadata: { ...k6.metadata } });
    }
  },
}));
vi.stubGlobal('__VU', 0);

/** The module as a script with these settings has it. */
async function withSettings(settings: Record<string, string>) {
  vi.resetModules();
  vi.stubGlobal('__ENV', settings);
  return import('./trace.ts');
}

beforeEach(() => {
  for (const list of [k6.counters, k6.failed, k6.sent]) list.length = 0;
  k6.status = 200;
});

const params = { headers: { a: 'b' }, tags: { name: 'GET /a' } };

test('without TRACES there is no header, no id and no metric', async () => {
  const { newTrace, tracedRequest } = await withSettings({});
  k6.status = 500;
  tracedRequest('GET', 'http://x/a', null, params);
  expect([newTrace(), k6.counters, k6.failed]).toEqual([null, [], []]);
  expect(k6.sent[0]?.headers).toEqual({ a: 'b' });
});

test('each request has an id of its own in the form of W3C, and says that it is to be kept', async () => {
  const { tracedRequest } = await withSettings({ TRACES: '100%' });
  for (let n = 0; n < 200; n += 1) tracedRequest('GET', 'http://x/a', null, params);
  const ids = k6.sent.map(({ headers }) => {
    expect(headers).toMatchObject({
      a: 'b',
      traceparent: expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-01$/),
    });
    return headers.traceparent?.slice(3, 35);
  });
  expect(new Set(ids).size).toBe(200);
  expect(params.headers).toEqual({ a: 'b' });
  expect(k6.failed).toEqual([]);
});

test('of a share, so many have one, and the others none at all', async () => {
  const { tracedRequest } = await withSettings({ TRACES: '20%' });
  for (let n = 0; n < 2_000; n += 1) tracedRequest('GET', 'http://x/a', null, params);
  const traced = k6.sent.filter(({ headers }) => headers.traceparent !== undefined).length;
  expect(traced).toBeGreaterThan(300);
  expect(traced).toBeLessThan(500);
});

test('a failed request leaves its id in the metadata of one sample, with the tags of the request', async () => {
  const { tracedRequest } = await withSettings({ TRACES: '100%' });
  k6.status = 503;
  tracedRequest('GET', 'http://x/a', null, params);
  k6.status = 0;
  tracedRequest('GET', 'http://x/a', null, params);
  // A status that was expected is no failure, whatever it is.
  k6.status = 404;
  tracedRequest('GET', 'http://x/a', null, params, (status) => status === 404);
  const [first, second] = k6.sent.map(({ headers }) => headers.traceparent?.slice(3, 35));
  expect(k6.failed).toEqual([
    { tags: { name: 'GET /a', method: 'GET', status: '503' }, metadata: { trace_id: first } },
    {
      tags: { name: 'GET /a', method: 'GET', status: '0', error: 'dial: refused', error_code: '1212' },
      metadata: { trace_id: second },
    },
  ]);
  expect(k6.metadata).toEqual({});
});
