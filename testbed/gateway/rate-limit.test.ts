import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { HttpError } from '../lib/service.ts';
import { settingsSchema } from '../lib/settings.ts';
import { limitRate } from './rate-limit.ts';

const defaults = settingsSchema.parse({});

/** A gateway with this limiter alone; `count` as the session store counts. */
async function gateway(count: (key: string) => Promise<number>, settings: Partial<typeof defaults> = {}) {
  const app = Fastify();
  const sessions = { count: async (key: string) => ({ count: await count(key), resetMs: 41_500 }) };
  await limitRate(app, sessions, () => ({ ...defaults, ...settings }));
  app.setErrorHandler((error: HttpError, _, reply) =>
    reply
      .code(error.statusCode)
      .headers(error.headers ?? {})
      .send({ error: error.message }),
  );
  for (const route of ['/api/limited', '/api/projects']) app.get(route, async () => 'ok');
  return async (url: string, key?: string) => {
    const headers = key === undefined ? {} : { 'x-api-key': key };
    const answer = await app.inject({ url, headers });
    return { status: answer.statusCode, headers: answer.headers };
  };
}

test('the limit holds for a key, on every route, and says when to come again', async () => {
  const counts = new Map<string, number>();
  const call = await gateway(async (key) => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts.get(key) ?? 0;
  });
  for (let i = 1; i <= 100; i += 1) {
    const { status, headers } = await call('/api/limited', 'k');
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': String(100 - i) });
  }
  expect(await call('/api/projects', 'k')).toMatchObject({
    status: 429,
    headers: { 'retry-after': '42', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '42' },
  });
  expect((await call('/api/limited', 'other')).status).toBe(200);
});

test('without a key /api/limited is refused and everything else passes; a malformed one is refused', async () => {
  const call = await gateway(async () => 1);
  expect((await call('/api/limited')).status).toBe(401);
  expect((await call('/api/projects')).status).toBe(200);
  expect((await call('/api/projects', 'with space')).status).toBe(401);
});

test('while Redis is away requests pass and say so', async () => {
  const call = await gateway(async () => {
    throw new HttpError(503, 'away');
  });
  expect(await call('/api/limited', 'k')).toMatchObject({ status: 200, headers: { 'x-degraded': 'true' } });
});

test('the limiter can be switched off', async () => {
  const call = await gateway(async () => 1_000, { 'rate-limiter-off': true });
  const { status, headers } = await call('/api/limited', 'k');
  expect(status).toBe(200);
  expect(headers).not.toHaveProperty('x-ratelimit-limit');
});
