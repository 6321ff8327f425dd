import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { HttpError } from '../lib/service.ts';
import { hostOf, port, type Secrets, type Testbed } from '../lib/testbed.ts';
import { watchCluster } from '../postgres/cluster.ts';

export interface Database {
  /** Runs one statement on the primary, and repeats it on another connection if that breaks. @throws HttpError 503 in time */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
  /** Connections in use and waiting, for the metrics. */
  usage(): { total: number; idle: number; waiting: number };
  close(): Promise<void>;
}

/** A request is answered within this time, with success or 503; the gateway waits a little longer. */
const deadlineMs = 1_200;
const retryEveryMs = 50;
/** SQLSTATE. The statement is retried, so that only the count shows it. */
const deadlockDetected = '40P01';

/**
 * The primary, wherever it is now. Every statement here may be repeated: reads, and writes with an idempotency key. So when a
 * connection breaks, or the node turns out to be a standby, the statement is tried again on whatever is the primary then.
 */
export function connectDatabase(
  testbed: Testbed,
  secrets: Secrets,
  log: Logger,
  onDeadlock: () => void = () => {},
  name = 'projects',
): Database {
  const cluster = watchCluster(testbed.dir);
  let current = { epoch: -1, pool: undefined as pg.Pool | undefined };

  function pool(): pg.Pool {
    const { epoch, primary } = cluster.read();
    if (current.pool !== undefined && current.epoch === epoch) return current.pool;
    const old = current.pool;
    const fresh = new pg.Pool({
      host: hostOf(testbed, primary),
      port: port(testbed, primary),
      user: 'studio',
      password: secrets.postgres.studio,
      database: 'studio',
      max: 10,
      connectionTimeoutMillis: 600,
      query_timeout: 1_000,
      idleTimeoutMillis: 60_000,
      application_name: name,
    });
    // A connection that breaks while idle affects no request: the pool drops it.
    fresh.on('error', (error) => log.warn({ err: error.message }, 'idle database connection broke'));
    // While lent to a request it has no listener of the pool's, and Node ends a process without one. The request notices by its query.
    fresh.on('connect', (client) => client.on('error', () => {}));
    log.info({ epoch, primary }, 'using primary');
    current = { epoch, pool: fresh };
    void old?.end().catch(() => {});
    return fresh;
  }

  async function once<Row extends pg.QueryResultRow>(
    text: string,
    values: unknown[],
  ): Promise<pg.QueryResult<Row>> {
    const client = await pool().connect();
    let broken: Error | undefined;
    try {
      return await client.query<Row>(text, values);
    } catch (error) {
      if ((error as { code?: unknown }).code === deadlockDetected) onDeadlock();
      // After a constraint violation the connection is still good; after anything unclear it is not trusted.
      if (!isStatementError(error)) broken = error as Error;
      throw error;
    } finally {
      client.release(broken);
    }
  }

  return {
    async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) {
      const deadline = performance.now() + deadlineMs;
      for (;;) {
        try {
          return await once<Row>(text, values);
        } catch (error) {
          if (isStatementError(error)) throw error;
          if (performance.now() + retryEveryMs > deadline) {
            throw new HttpError(503, `the database does not answer: ${(error as Error).message}`, {
              'retry-after': '1',
            });
          }
          await sleep(retryEveryMs);
        }
      }
    },
    usage: () => ({
      total: current.pool?.totalCount ?? 0,
      idle: current.pool?.idleCount ?? 0,
      waiting: current.pool?.waitingCount ?? 0,
    }),
    close: async () => {
      await current.pool?.end();
    },
  };
}

/** Classes 22 and 23 of SQLSTATE: the data are wrong, not the database. */
export function isStatementError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^(22|23|42)/.test(code);
}
