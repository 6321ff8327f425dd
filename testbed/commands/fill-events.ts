import pg from 'pg';
import { readJson } from '../lib/files.ts';
import { host, paths, port, readTestbed, type Secrets } from '../lib/testbed.ts';
import { readCluster } from '../postgres/cluster.ts';

const chunk = 100_000;

/**
 * Fills the table of events up to `rows`: of 20 services and 50 types, one every 2.6 s, so that a million are the last 30 days. Takes
 * about ten seconds for a million.
 * @throws when there is no testbed in `dir`
 */
export async function fillEvents(dir: string, rows: number): Promise<{ rows: number; added: number }> {
  const testbed = readTestbed(dir);
  const secrets = readJson<Secrets>(paths(dir).secrets);
  if (testbed === undefined || secrets === undefined)
    throw new Error(`testbed: there is no testbed in ${dir}`);
  const client = new pg.Client({
    host,
    port: port(testbed, readCluster(dir).primary),
    user: 'admin',
    password: secrets.postgres.admin,
    database: 'studio',
  });
  await client.connect();
  try {
    const counted = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM events');
    const there = counted.rows[0]?.n ?? 0;
    for (let from = there; from < rows; from += chunk)
      await client.query(
        `INSERT INTO events (id, at, service, type, payload)
         SELECT gen_random_uuid(), now() - n * interval '2.6 seconds', 'service-' || n % 20, 'type-' || n % 50,
                jsonb_build_object('n', n)
         FROM generate_series($1::int, $2::int) AS n`,
        [from, Math.min(rows, from + chunk) - 1],
      );
    // What autovacuum would do some time later, while somebody measures.
    await client.query('VACUUM ANALYZE events');
    return { rows: Math.max(rows, there), added: Math.max(0, rows - there) };
  } finally {
    await client.end();
  }
}
