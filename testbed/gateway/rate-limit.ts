import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from '../lib/service.ts';
import type { Settings } from '../lib/settings.ts';
import type { SessionStore } from './sessions.ts';

const keyPattern = /^[\w.:-]{1,100}$/;

/**
 * An API key (`X-Api-Key`) may send 100 requests a minute, counted in Redis for all gateways together; /api/limited needs a key.
 * Requests with a token are not limited. While Redis is away, requests pass, marked `x-degraded: true`, because a limiter that refuses
 * everybody would turn a small outage into a large one.
 */
export async function limitRate(options: {
  request: FastifyRequest;
  reply: FastifyReply;
  sessions: Pick<SessionStore, 'count'>;
  settings: Settings;
}): Promise<void> {
  const { request, reply, sessions, settings } = options;
  const key = request.headers['x-api-key'];
  if (key === undefined) {
    if (request.url.startsWith('/api/limited'))
      throw new HttpError(401, 'this needs a key in the header x-api-key');
    return;
  }
  if (typeof key !== 'string' || !keyPattern.test(key)) throw new HttpError(401, 'the key is malformed');
  if (settings['rate-limiter-off']) return;
  const counted = await sessions.count(key).catch(() => undefined);
  if (counted === undefined) {
    reply.header('x-degraded', 'true');
    return;
  }
  const limit = settings['rate-limit'];
  const resetSeconds = Math.max(1, Math.ceil(counted.resetMs / 1_000));
  reply.headers({
    'x-ratelimit-limit': limit,
    'x-ratelimit-remaining': Math.max(0, limit - counted.count),
    'x-ratelimit-reset': resetSeconds,
  });
  if (counted.count > limit) {
    throw new HttpError(429, `more than ${limit} requests in a minute`, {
      'retry-after': String(resetSeconds),
    });
  }
}
