import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Database } from '../projects/database.ts';

/** Set when the studio's database is made. Months are texts such as 2026-11. */
export const schema = `
CREATE TABLE customers (
  id uuid PRIMARY KEY,
  email text NOT NULL CHECK (length(email) BETWEEN 3 AND 200),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz NOT NULL DEFAULT now(),
  written_to_at timestamptz
);
CREATE INDEX customers_by_use ON customers (last_used_at);
CREATE TABLE billing_customers (id uuid PRIMARY KEY, email text NOT NULL);
CREATE TABLE api_keys (hash text PRIMARY KEY, customer uuid NOT NULL);
CREATE TABLE dashboards (customer uuid PRIMARY KEY, title text NOT NULL);
CREATE TABLE ai_costs (
  customer uuid NOT NULL,
  month text NOT NULL,
  dollars double precision NOT NULL,
  alerted_at timestamptz,
  moved_at timestamptz,
  PRIMARY KEY (customer, month)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON customers, billing_customers, api_keys, dashboards, ai_costs TO studio;
`;

export interface Customer {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

export interface Costs {
  readonly month: string;
  readonly dollars: number;
  readonly alertedAt: string | null;
  readonly movedAt: string | null;
}

export const newCustomer = (email: string, name: string): Customer => ({ id: randomUUID(), email, name });

/** Whoever reads the database does not learn the key. */
export function newKey(): { key: string; hash: string } {
  const key = randomBytes(24).toString('base64url');
  return { key, hash: hashOf(key) };
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** The four that are rows; each is written on its own. */
export const insert = {
  'database-row': (database: Database, { id, email, name }: Customer) =>
    database.query(
      'INSERT INTO customers (id, email, name) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING',
      [id, email, name],
    ),
  customer: (database: Database, { id, email }: Customer) =>
    database.query('INSERT INTO billing_customers (id, email) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      id,
      email,
    ]),
  'api-key': (database: Database, { id }: Customer, hash: string) =>
    database.query('INSERT INTO api_keys (hash, customer) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      hash,
      id,
    ]),
  dashboard: (database: Database, { id, name }: Customer) =>
    database.query('INSERT INTO dashboards (customer, title) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      id,
      name,
    ]),
} as const;

/** How many rows with this id a table has: 0 or 1. */
export async function countRows(
  database: Database,
  table: 'customers' | 'billing_customers',
  id: string,
): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM ${table} WHERE id = $1`,
    [id],
  );
  return rows[0]?.n ?? 0;
}

/** The customer of a key, who has used it now: from here the days without use are counted anew. */
export async function useKey(database: Database, key: string): Promise<string | undefined> {
  const { rows } = await database.query<{ customer: string }>(
    `WITH found AS (SELECT customer FROM api_keys WHERE hash = $1),
     used AS (UPDATE customers SET last_used_at = now(), written_to_at = NULL FROM found WHERE id = customer)
     SELECT customer FROM found`,
    [hashOf(key)],
  );
  return rows[0]?.customer;
}

export async function titleOf(database: Database, id: string): Promise<string | undefined> {
  const { rows } = await database.query<{ title: string }>(
    'SELECT title FROM dashboards WHERE customer = $1',
    [id],
  );
  return rows[0]?.title;
}

/**
 * Those who have used nothing for so long and were not written to since, marked as written to: of two that ask, one gets them.
 * `since` is what counts as use.
 */
export async function takeUnused(
  database: Database,
  since: 'last_used_at' | 'created_at',
  unusedMs: number,
): Promise<Customer[]> {
  const { rows } = await database.query<Customer>(
    `UPDATE customers SET written_to_at = now()
     WHERE written_to_at IS NULL AND ${since} < now() - $1 * interval '1 millisecond' RETURNING id, email, name`,
    [unusedMs],
  );
  return rows;
}

export async function untake(database: Database, id: string): Promise<void> {
  await database.query('UPDATE customers SET written_to_at = NULL WHERE id = $1', [id]);
}

const costColumns = `month, dollars, alerted_at AS "alertedAt", moved_at AS "movedAt"`;

export async function readCosts(database: Database, id: string, month: string): Promise<Costs> {
  const { rows } = await database.query<Costs>(
    `SELECT ${costColumns} FROM ai_costs WHERE customer = $1 AND month = $2`,
    [id, month],
  );
  return rows[0] ?? { month, dollars: 0, alertedAt: null, movedAt: null };
}

export async function addCosts(
  database: Database,
  id: string,
  month: string,
  dollars: number,
): Promise<void> {
  await database.query(
    `INSERT INTO ai_costs (customer, month, dollars) VALUES ($1, $2, $3)
     ON CONFLICT (customer, month) DO UPDATE SET dollars = ai_costs.dollars + excluded.dollars`,
    [id, month, dollars],
  );
}

/** Those who have spent so much this month, and for whom this was not done yet; it counts as done now. */
export async function takeSpenders(
  database: Database,
  what: 'alerted_at' | 'moved_at',
  month: string,
  dollars: number,
): Promise<{ id: string; email: string; dollars: number }[]> {
  const { rows } = await database.query<{ id: string; email: string; dollars: number }>(
    `UPDATE ai_costs SET ${what} = now() FROM customers
     WHERE customers.id = customer AND month = $1 AND dollars >= $2 AND ${what} IS NULL
     RETURNING customers.id, email, dollars`,
    [month, dollars],
  );
  return rows;
}
