import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createClient } from 'redis';
import { afterEach, expect, it } from 'vitest';
import type { Target, Use, UseWatch } from '../../../provider.ts';
import { preparePostgres } from '../fixtures/postgres.ts';
import { hasRedis, startRedisGroup } from '../fixtures/redis.ts';
import { until } from '../fixtures/world.ts';
import { watchPostgres } from './postgres-use.ts';
import { watchRedis } from './redis-use.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const LOADED_MS = 2_000;

/** Asks so often until the test is over. */
function every(ms: number, ask: () => Promise<unknown>): void {
  const timer = setInterval(() => void ask().catch(() => {}), ms);
  cleanups.push(() => clearInterval(timer));
}

/** Watches two nodes, before a load and under it. `first` is polled already. */
async function useOfPair(watch: UseWatch, pidFiles: readonly string[], load: () => void) {
  cleanups.push(() => watch.close());
  const began = Date.now();
  await watch.ready;
  const quiet = { from: began, to: Date.now() };
  const of = async (from: number) => {
    await sleep(LOADED_MS);
    const window = { from, to: Date.now(), quiet };
    return await Promise.all(pidFiles.map((pidFile) => watch.between([targetAt(pidFile)], window)));
  };
  const polled = await of(Date.now());
  load();
  return { polled, loaded: await of(Date.now()) };
}

/** Polled, it cannot be told of the first one; under a load it is in use. The second one never is. */
function expectFirstAloneUsed(polled: readonly Use[], loaded: readonly Use[]): void {
  const said = JSON.stringify({ polled, loaded });
  expect(
    [polled, loaded].map((uses) => uses.map(({ inUse }) => inUse)),
    said,
  ).toEqual([
    [null, false],
    [true, false],
  ]);
}

function targetAt(pidFile: string): Target {
  return { label: pidFile, healthy: true, identity: { pidFile } };
}

it('PostgreSQL: what polls it is not the load; a standby that only repeats it is not in use', async () => {
  const template = preparePostgres();
  cleanups.push(() => template.remove());
  const pair = await template.pair();
  cleanups.push(() => pair.close());
  const [first, second] = pair.nodes;
  const client = new pg.Client({ connectionString: first?.url });
  client.on('error', () => {});
  await client.connect();
  cleanups.push(() => client.end().catch(() => {}));
  await client.query('create table songs (n int)');
  // An exporter on a connection of its own.
  every(100, () => client.query('select count(*) from pg_stat_activity'));
  const watch = watchPostgres([first, second].flatMap((node) => node ?? []));
  const { polled, loaded } = await useOfPair(watch, [first?.pidFile ?? '', second?.pidFile ?? ''], () =>
    every(5, () => client.query('insert into songs values (1)')),
  );
  expectFirstAloneUsed(polled, loaded);
}, 120_000);

it.skipIf(!hasRedis)(
  'Redis: what polls it is not the load; a replica that only repeats it is not in use',
  async () => {
    const group = await startRedisGroup();
    cleanups.push(() => group.close());
    const { nodes } = group.redis;
    const [host = '', port] = (nodes[0]?.address ?? '').split(':');
    const client = createClient({ socket: { host, port: Number(port), reconnectStrategy: false } });
    client.on('error', () => {});
    await client.connect();
    cleanups.push(() => client.destroy());
    every(100, () => client.get('song'));
    await until(async () => (await client.get('song')) === null);
    const watch = watchRedis(group.redis as Parameters<typeof watchRedis>[0]);
    const pidFiles = nodes.map(({ pidFile }) => pidFile);
    const { polled, loaded } = await useOfPair(watch, pidFiles, () =>
      every(5, () => client.multi().set('song', 'x').incr('plays').exec()),
    );
    expectFirstAloneUsed(polled, loaded);
  },
  120_000,
);
