import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createSentinel } from 'redis';
import { everyNth } from '../lib/every-nth.ts';
import { HttpError } from '../lib/service.ts';
import { hostOf, port, type Testbed } from '../lib/testbed.ts';
import { masterName, sentinelNames } from '../redis/names.ts';

export interface Session {
  readonly id: string;
  readonly user: string;
  readonly createdAt: string;
}

export interface SessionStore {
  /** Creates a session that a failover does not lose: it is acknowledged when the replica has it. @throws HttpError 503 */
  create(user: string, ttlSeconds: number): Promise<Session>;
  read(id: string): Promise<Session | undefined>;
  remove(id: string): Promise<void>;
  /** Counts a request in the key's window of a minute. @throws HttpError 503 */
  count(key: string): Promise<{ count: number; resetMs: number }>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

const answerWithinMs = 1_500;
const replicatedWithinMs = 800;
const windowMs = 60_000;
const firstConnectionMs = 5_000;

/**
 * For the options of every client. The library builds a class with a method for each command of Redis, and keeps the last one under its
 * options as JSON, address included. A failover asks several addresses, so each gateway would build class after class and serve nobody
 * for 0.2 s, whatever the request (redis 5.12, and 6.3 does the same). With this all options are the same JSON. The class comes from the
 * client that asks a Sentinel first; that its methods are there for the other clients as well does no harm.
 */
export const oneClass: object = { toJSON: () => 'sessions' };

/** @param forget sabotage: 1 session in so many is acknowledged and not kept; 0: none */
export async function connectSessions(
  testbed: Testbed,
  log: Logger,
  forget: () => number,
): Promise<SessionStore> {
  const isForgotten = everyNth(forget);
  const sentinel = createSentinel({
    name: masterName,
    sentinelRootNodes: sentinelNames.map((name) => ({
      host: hostOf(testbed, name),
      port: port(testbed, name),
    })),
    masterPoolSize: 4,
    scanInterval: 1_000,
    passthroughClientErrorEvents: true,
    maxCommandRediscovers: 50,
    nodeClientOptions: {
      socket: { connectTimeout: 500, reconnectStrategy: 100 },
      disableOfflineQueue: false,
      ...oneClass,
    },
    sentinelClientOptions: { socket: { connectTimeout: 500, reconnectStrategy: 100 }, ...oneClass },
  });
  sentinel.on('error', (error: Error) => log.warn({ err: error.message }, 'redis'));
  sentinel.on('topology-change', (event: unknown) => log.info({ event }, 'redis topology'));
  // A restarted gateway should not get traffic before it can serve it; but without any Redis it still serves requests that need no
  // session.
  await Promise.race([connect(sentinel, log), sleep(firstConnectionMs)]);

  return {
    async create(user, ttlSeconds) {
      const session: Session = { id: randomUUID(), user, createdAt: new Date().toISOString() };
      if (isForgotten()) return session;
      const [, replicas] = (await bounded(
        // WAIT is about the connection that wrote, so both go down the same one, with nothing in between. (Leasing a connection
        // with `use` would do, too, but a lease on a master that died is never returned: redis 5.12.)
        sentinel
          .multi()
          .set(`session:${session.id}`, JSON.stringify(session), {
            expiration: { type: 'EX', value: ttlSeconds },
          })
          .wait(1, replicatedWithinMs)
          .execAsPipeline(),
      )) as unknown as [unknown, number];
      if (replicas < 1) throw unavailable('the session store has no replica to keep the session safe');
      return session;
    },
    async read(id) {
      const text = await bounded(sentinel.get(`session:${id}`));
      return text === null ? undefined : (JSON.parse(text) as Session);
    },
    async remove(id) {
      await bounded(sentinel.del(`session:${id}`));
    },
    async count(key) {
      const name = `limit:${key}`;
      const [, count, resetMs] = (await bounded(
        sentinel
          .multi()
          .set(name, 0, { expiration: { type: 'PX', value: windowMs }, condition: 'NX' })
          .incr(name)
          .pTTL(name)
          .exec(),
      )) as unknown as [unknown, number, number];
      return { count, resetMs };
    },
    async ping() {
      await bounded(sentinel.exists('ping'));
    },
    close: () => sentinel.destroy(),
  };
}

/** The first connection, retried until there is a Sentinel to ask, because services start in any order. */
async function connect(sentinel: { connect(): Promise<unknown> }, log: Logger): Promise<void> {
  for (;;) {
    try {
      await sentinel.connect();
      return;
    } catch (error) {
      log.info({ err: (error as Error).message }, 'no sentinel yet');
      await sleep(200);
    }
  }
}

async function bounded<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${answerWithinMs} ms`)), answerWithinMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw unavailable(`the session store does not answer: ${(error as Error).message}`);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}

function unavailable(message: string): HttpError {
  return new HttpError(503, message, { 'retry-after': '1' });
}
