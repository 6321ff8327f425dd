import type { Client } from 'pg';
import type { UseWatch } from '../../../provider.ts';
import type { PostgresNodes } from '../faults/failover-postgres.ts';
import { noteOwnSession, ownSessions } from './own-connections.ts';
import { type StoreCounters, type StoreReader, watchStore } from './store-use.ts';

/** While watching, a node that hangs must not hold up the others. */
const WITHIN_MS = 1_000;

/**
 * What clients of each node do, from PostgreSQL's own statistics: who is connected and when it last did something, and how many
 * transactions there have been. Left out: squall by its `application_name` and by what it asked, and whatever is no client: a standby
 * that repeats the primary's transactions counts none.
 */
export function watchPostgres(nodes: PostgresNodes): UseWatch {
  return watchStore({
    nodes: new Map(nodes.map(({ pidFile, url }) => [pidFile, createReader(url)])),
    unit: 'transactions',
  });
}

const QUESTION = `
select pg_is_in_recovery() as standby,
       count(*) filter (where is_client) as clients,
       count(*) filter (where is_hidden) as hidden,
       coalesce(extract(epoch from max(greatest(state_change, query_start)) filter (where is_client)) * 1000, 0) as active,
       extract(epoch from clock_timestamp()) * 1000 as clock,
       (select sum(sessions) from pg_stat_database) as sessions,
       (select sum(xact_commit + xact_rollback) from pg_stat_database) as transactions
  from (select *, datid is not null and backend_type is null as is_hidden,
               backend_type = 'client backend' and application_name <> 'squall' and pid <> pg_backend_pid() as is_client
          from pg_stat_activity) a`;

/** The server counts a session some time after it began, so this many may be squall's own without being recognised. */
const UNCERTAIN_SESSIONS = 3;

/** One connection for the whole watch, remade when it breaks. It counts as a session, its questions as transactions: both are subtracted. */
function createReader(url: string): StoreReader {
  let client: Client | undefined;
  let asked = 0;
  return {
    async read() {
      client ??= await connected(url);
      try {
        return await ask(client);
      } catch (error) {
        void client.end().catch(() => {});
        client = undefined;
        throw error;
      }
    },
    async close() {
      void client?.end().catch(() => {});
    },
  };

  async function connected(connectionString: string): Promise<Client> {
    const { Client: Connection } = (await import('pg')).default;
    const next = new Connection({
      connectionString,
      application_name: 'squall',
      connectionTimeoutMillis: WITHIN_MS,
      query_timeout: WITHIN_MS,
    });
    next.on('error', () => {}); // The server may go at any time.
    noteOwnSession(url);
    await next.connect();
    return next;
  }

  async function ask(connection: Client): Promise<StoreCounters> {
    const askedBefore = asked;
    asked += 1;
    const { rows } = await connection.query<Row>(QUESTION);
    const [row] = rows;
    if (row === undefined) throw new Error('no answer');
    // The server's clock need not be ours.
    const drift = Date.now() - Number(row.clock);
    const active = Number(row.active);
    return {
      role: row.standby ? 'standby' : 'primary',
      clients: Number(row.clients),
      activeAt: active === 0 ? 0 : active + drift,
      done: Number(row.transactions ?? 0) - askedBefore - ownSessions(url),
      came: Number(row.sessions ?? 0) - ownSessions(url),
      certain: UNCERTAIN_SESSIONS,
      blind:
        Number(row.hidden) > 0
          ? 'it does not show its other sessions; grant pg_monitor to the user in its URL'
          : undefined,
    };
  }
}

interface Row {
  readonly standby: boolean;
  readonly clients: string;
  readonly hidden: string;
  readonly active: string;
  readonly clock: string;
  readonly sessions: string | null;
  readonly transactions: string | null;
}
