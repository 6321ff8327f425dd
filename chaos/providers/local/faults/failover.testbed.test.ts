import { readFileSync } from 'node:fs';
import { afterAll } from 'vitest';
import { type ContractCase, type ContractWorld, describeProviderContract } from '../../contract.ts';
import { preparePostgres } from '../fixtures/postgres.ts';
import { hasRedis, startRedisGroup } from '../fixtures/redis.ts';
import { requestOf, stateOf } from '../fixtures/world.ts';
import { createLocalProvider } from '../provider.ts';

const postgresTemplate = preparePostgres();
const worlds: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of worlds) await end();
  postgresTemplate.remove();
});

describeProviderContract('local with real Postgres and real Redis', {
  createProvider: createLocalProvider,
  cases: (['kill', 'demote'] as const).flatMap((mode) => [
    postgres(mode),
    ...(hasRedis ? [redis(mode)] : []),
  ]),
});

function postgres(mode: string): ContractCase {
  const shared = shareUntilUsed(() => postgresTemplate.pair());
  return {
    title: `failover of Postgres (${mode})`,
    deadlineMs: 30_000,
    async create(): Promise<ContractWorld> {
      const pair = await shared.get();
      const { nodes } = pair;
      return {
        request: requestOf({ kind: 'failover', params: { mode } }, { postgres: { nodes } }),
        snapshot: () => states(nodes),
        exercise() {
          shared.use();
          pair.supervise();
        },
        crash: pair.crash,
        residue: () => [],
        close: shared.release,
      };
    },
  };
}

function redis(mode: string): ContractCase {
  const shared = shareUntilUsed(startRedisGroup);
  return {
    title: `failover of Redis through Sentinel (${mode})`,
    deadlineMs: 30_000,
    async create(): Promise<ContractWorld> {
      const group = await shared.get();
      return {
        request: requestOf({ kind: 'failover', params: { mode } }, { redis: group.redis }),
        snapshot: () => states(group.redis.nodes),
        exercise: shared.use,
        crash: group.crash,
        residue: () => [],
        close: shared.release,
      };
    },
  };
}

/** A data store takes seconds to start: tests that leave it as it was hand it on to the next one. */
function shareUntilUsed<World extends { close(): Promise<void> }>(start: () => Promise<World>) {
  let world: World | undefined;
  let used = false;
  const end = async () => {
    const last = world;
    world = undefined;
    used = false;
    await last?.close();
  };
  worlds.push(end);
  return {
    async get(): Promise<World> {
      world ??= await start();
      return world;
    },
    use() {
      used = true;
    },
    release: async () => (used ? end() : undefined),
  };
}

function states(nodes: readonly { readonly pidFile: string }[]): string[] {
  return nodes.map(({ pidFile }) => stateOf(Number(readFileSync(pidFile, 'utf8').split('\n')[0])));
}
