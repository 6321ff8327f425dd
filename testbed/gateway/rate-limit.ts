import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from '../lib/service.ts';
import type { Settings } from '../lib/settings.ts';
import type { SessionStore } from './sessions.ts';

const keyPattern = /^[\w.:-]{1,100}$/;

/**
 * An API key (`X-Api-Key`) may send 100 requests a minute, counted in Redis for all gateways together; /api/limited needs a key.
 * Requests with a token are not limited. While Redis is away, requests pass, marked `x-degraded: true`, because a limiter that refuses
 * everybody would turn a small outage into a large one.
 */
export async function limitRate(
  app: FastifyInstance,
  sessions: Pick<SessionStore, 'count'>,
  settings: () => Settings,
): Promise<void> {
  await app.register(rateLimit, { global: false, store: storeOf(sessions) });
  const check = app.createRateLimit({
    keyGenerator: keyOf,
    max: () => settings()['rate-limit'],
    allowList: () => settings()['rate-limiter-off'],
  });
  app.addHook('preHandler', async (request, reply) => {
    const isLimited = request.url.startsWith('/api/limited');
    if (request.headers['x-api-key'] === undefined && !isLimited) return;
    keyOf(request);
    const counted = await check(request).catch(() => undefined);
    if (counted === undefined) reply.header('x-degraded', 'true');
    else if (!counted.isAllowed) refuseOver(counted, reply);
  });
}

/** @throws HttpError 401 */
function keyOf(request: FastifyRequest): string {
  const key = request.headers['x-api-key'];
  if (key === undefined) throw new HttpError(401, 'this needs a key in the header x-api-key');
  if (typeof key !== 'string' || !keyPattern.test(key)) throw new HttpError(401, 'the key is malformed');
  return key;
}

function refuseOver(
  counted: { max: number; remaining: number; ttlInSeconds: number; isExceeded: boolean },
  reply: FastifyReply,
): void {
  const resetSeconds = Math.max(1, counted.ttlInSeconds);
  reply.headers({
    'x-ratelimit-limit': counted.max,
    'x-ratelimit-remaining': counted.remaining,
    'x-ratelimit-reset': resetSeconds,
  });
  if (!counted.isExceeded) return;
  throw new HttpError(429, `more than ${counted.max} requests in a minute`, {
    'retry-after': String(resetSeconds),
  });
}

/** Counts where the sessions are, so that all gateways count together. */
function storeOf(sessions: Pick<SessionStore, 'count'>) {
  return class SessionsStore {
    incr(key: string, done: (error: Error | null, result?: { current: number; ttl: number }) => void): void {
      sessions.count(key).then(
        ({ count, resetMs }) => done(null, { current: count, ttl: resetMs }),
        (error: Error) => done(error),
      );
    }
    child(): SessionsStore {
      return this;
    }
  };
}
