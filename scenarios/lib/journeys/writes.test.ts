import { beforeEach, expect, test, vi } from 'vitest';

const k6 = vi.hoisted(() => ({
  metadata: {} as Record<string, unknown>,
  samples: [] as { metadata: Record<string, unknown>; value: number }[],
  requests: [] as { url: string; body: string; headers: Record<string, string> }[],
  statuses: [] as number[],
  slept: [] as number[],
}));
vi.mock('../runtime/k6.ts', () => ({
  exec: { vu: { metrics: { metadata: k6.metadata } } },
  sleep: (seconds: number) => k6.slept.push(seconds),
  http: {
    post: (url: string, body: string, params: { headers: Record<string, string> }) => {
      k6.requests.push({ url, body, headers: params.headers });
      return { status: k6.statuses.shift() ?? 201 };
    },
  },
  Counter: class {
    add(value: number) {
      k6.samples.push({ value, metadata: { ...k6.metadata } });
    }
  },
}));
vi.stubGlobal('__ENV', {});
vi.stubGlobal('__VU', 0);
const { write } = await import('./writes.ts');

const post = () =>
  write({
    url: 'http://x/api/projects',
    body: (key) => `{"name":"${key}"}`,
    params: { headers: { A: 'b' } },
  });

beforeEach(() => {
  for (const list of [k6.samples, k6.requests, k6.statuses, k6.slept]) list.length = 0;
});

test('a 201 is one sample that carries the key, and the key is removed afterwards', () => {
  const { key, acknowledged } = post();
  expect(acknowledged).toBe(true);
  expect(k6.samples).toEqual([{ value: 1, metadata: { squall_write: key } }]);
  expect(k6.metadata).toEqual({});
  expect(k6.requests[0]).toEqual({
    url: 'http://x/api/projects',
    body: `{"name":"${key}"}`,
    headers: { A: 'b', 'Idempotency-Key': key },
  });
});

test('a failing target is asked again with the same key, with growing pauses, and acknowledged once', () => {
  k6.statuses.push(503, 0, 201);
  const { key } = post();
  expect(k6.requests.map(({ headers }) => headers['Idempotency-Key'])).toEqual([key, key, key]);
  expect(k6.slept).toEqual([0.25, 0.5]);
  expect(k6.samples).toHaveLength(1);
});

test('a write that stays unanswered after all tries is not acknowledged', () => {
  k6.statuses.push(503, 503, 503, 503, 201);
  expect(post().acknowledged).toBe(false);
  expect(k6.requests).toHaveLength(4);
  expect(k6.samples).toHaveLength(0);
});

test.each([200, 202, 400, 409, 422])('a %i is neither an acknowledgement nor tried again', (status) => {
  k6.statuses.push(status);
  expect(post().acknowledged).toBe(false);
  expect(k6.requests).toHaveLength(1);
  expect(k6.samples).toHaveLength(0);
});

test('each write has a key of its own', () => {
  expect(post().key).not.toBe(post().key);
});
