import type { FastifyRequest } from 'fastify';
import { everyNth } from '../lib/every-nth.ts';
import { HttpError, type Service } from '../lib/service.ts';
import { createTokens } from '../lib/tokens.ts';
import type { Database } from './database.ts';

/** What happened in the services: kept in the studio's database, indexed by time, service and type. */
export interface Event {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly service: string;
  readonly type: string;
  readonly payload: object;
}

/** Made together with the studio's database. */
export const schema = `
CREATE TABLE events (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  service text NOT NULL CHECK (length(service) BETWEEN 1 AND 100),
  type text NOT NULL CHECK (length(type) BETWEEN 1 AND 100),
  payload jsonb NOT NULL
);
CREATE INDEX events_by_service ON events (service, type, at DESC);
CREATE INDEX events_by_type ON events (type, at DESC);
CREATE INDEX events_by_time ON events (at DESC);
GRANT SELECT, INSERT ON events TO studio;
`;

const name = { type: 'string', minLength: 1, maxLength: 100 } as const;
const instant = { type: 'string', format: 'date-time' } as const;
const mostInBatch = 1_000;

interface Filter {
  readonly service?: string;
  readonly type?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: string;
}

/** `POST /api/events/batch` stores up to 1,000 events, once each; `GET /api/events` finds the newest; for administrators. */
export function addEvents({ app, secrets, settings }: Service, database: Database): void {
  const tokens = createTokens(secrets.jwtKey);
  const forgetsNow = everyNth(() => settings.read()['forget-events']);

  async function requireAdmin(request: FastifyRequest): Promise<void> {
    const { role } = await tokens.verify(request.headers.authorization, settings.read());
    if (role !== 'admin') throw new HttpError(403, 'this needs the admin role');
  }

  app.post<{ Body: { events: Event[] } }>(
    '/api/events/batch',
    {
      schema: {
        body: {
          type: 'object',
          required: ['events'],
          additionalProperties: false,
          properties: {
            events: {
              type: 'array',
              maxItems: mostInBatch,
              items: {
                type: 'object',
                required: ['id', 'at', 'service', 'type', 'payload'],
                additionalProperties: false,
                properties: {
                  id: { type: 'string', format: 'uuid' },
                  at: instant,
                  service: name,
                  type: name,
                  payload: { type: 'object' },
                },
              },
            },
          },
        },
      },
    },
    async (request, reply) => {
      await requireAdmin(request);
      const { events } = request.body;
      await storeEvents(
        database,
        events.filter(() => !forgetsNow()),
      );
      return reply.code(201).send({ stored: events.length });
    },
  );

  app.get<{ Querystring: Filter }>(
    '/api/events',
    {
      schema: {
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: {
            service: name,
            type: name,
            from: instant,
            to: instant,
            limit: { type: 'string', pattern: '^([1-9]\\d{0,2}|1000)$' },
          },
        },
      },
    },
    async (request) => {
      await requireAdmin(request);
      const { limit = '100', service, type, ...time } = request.query;
      const { 'events-unfiltered': isUnfiltered, 'events-unindexed': isUnindexed } = settings.read();
      const filter = isUnfiltered ? time : request.query;
      return { events: await findEvents(database, filter, { limit: Number(limit), isUnindexed }) };
    },
  );

  app.get<{ Querystring: { service?: string } }>(
    '/api/events/count',
    { schema: { querystring: { type: 'object', properties: { service: name } } } },
    async (request) => {
      await requireAdmin(request);
      return { count: await countEvents(database, request.query.service) };
    },
  );
}

/** All of them or none; what is there already stays as it is, so that a batch may be sent again. */
async function storeEvents(database: Database, events: readonly Event[]): Promise<void> {
  await database.query(
    `INSERT INTO events (id, at, service, type, payload)
     SELECT id, at, service, type, payload
     FROM jsonb_to_recordset($1) AS e(id uuid, at timestamptz, service text, type text, payload jsonb)
     ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(events)],
  );
}

/** `isUnindexed` is sabotage: what is compared is made out of the columns, so that no index of theirs helps, as if there were none. */
async function findEvents(
  database: Database,
  filter: Omit<Filter, 'limit'>,
  { limit, isUnindexed }: { readonly limit: number; readonly isUnindexed: boolean },
): Promise<Event[]> {
  const [at, service, type] = isUnindexed
    ? ["(at + interval '0')", "(service || '')", "(type || '')"]
    : ['at', 'service', 'type'];
  const tests = { service: `${service} =`, type: `${type} =`, from: `${at} >=`, to: `${at} <` } as const;
  const given = (Object.keys(tests) as (keyof typeof tests)[]).filter((key) => filter[key] !== undefined);
  const where = given.map((key, i) => `${tests[key]} $${i + 1}`).join(' AND ');
  const { rows } = await database.query<Event>(
    `SELECT id, at, service, type, payload FROM events ${where && `WHERE ${where}`}
     ORDER BY ${at} DESC LIMIT $${given.length + 1}`,
    [...given.map((key) => filter[key]), limit],
  );
  return rows;
}

/** Of one service exactly; of all of them by the database's own estimate, because counting a million takes long. */
async function countEvents(database: Database, service: string | undefined): Promise<number> {
  const { rows } =
    service === undefined
      ? await database.query<{ n: number }>(
          `SELECT greatest(reltuples, 0)::int AS n FROM pg_class WHERE oid = 'events'::regclass`,
        )
      : await database.query<{ n: number }>('SELECT count(*)::int AS n FROM events WHERE service = $1', [
          service,
        ]);
  return rows[0]?.n ?? 0;
}
