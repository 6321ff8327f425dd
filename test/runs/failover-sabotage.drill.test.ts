import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { askRedis } from '../../chaos/providers/local/faults/redis-client.ts';
import { preparePostgres } from '../../chaos/providers/local/fixtures/postgres.ts';
import { hasRedis, startRedisGroup } from '../../chaos/providers/local/fixtures/redis.ts';
import type { JournalEvent } from '../../orchestrator/journal/events.ts';
import type { K6 } from '../../orchestrator/tools/find-k6.ts';
import { runInProcess, withoutEffect } from '../drill/in-process.ts';
import { writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
const postgresTemplate = preparePostgres();
afterAll(() => postgresTemplate.remove());

let target: TinyTarget;
let hasLoad = false;
beforeEach(async () => {
  hasLoad = false;
  target = await startTinyTarget();
  vi.stubEnv('XDG_STATE_HOME', path.join(target.directory, 'state'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await target.stop();
});

/** Real stores, and how something else than the load uses each; without Redis on this machine, Postgres alone. */
interface Stores {
  readonly components: Readonly<Record<string, object>>;
  readonly ask: readonly (() => Promise<unknown>)[];
  /** From now on the standby takes over when the primary dies; Sentinel needs no such word. */
  supervise(): void;
}

async function withStores(work: (stores: Stores) => Promise<void>): Promise<void> {
  const [pair, group] = await Promise.all([postgresTemplate.pair(), hasRedis ? startRedisGroup() : null]);
  const { nodes } = pair;
  const askPostgres = async () => {
    const client = new Client({ connectionString: nodes[0]?.url, connectionTimeoutMillis: 1_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('select pg_sleep(0.05)');
    } finally {
      await client.end();
    }
  };
  const address = group?.redis.nodes[0]?.address ?? '';
  const askGroup = async () => {
    await askRedis({ address }, ['GET', 'song']);
    await sleep(50);
  };
  const stores: Stores = {
    components: { postgres: { postgres: { nodes } }, ...(group && { redis: { redis: group.redis } }) },
    ask: [askPostgres, ...(group ? [askGroup] : [])],
    supervise: pair.supervise,
  };
  await work(stores).finally(() => Promise.all([pair.close(), group?.close()]));
}

/** The load is on the tiny target; the stores beside it fail over, one after the other, and their own supervisors bring them back. */
async function drill({ components }: Stores, change?: typeof withoutEffect) {
  const server = `127.0.0.1:${target.port}`;
  const names = Object.keys(components);
  const files = writeDrill(
    target,
    {
      load: [{ script: 'script.js', vars: { DURATION: change === undefined ? '14s' : '7s' } }],
      faults: names.map((component, i) => ({
        name: `${component}-lost`,
        kind: 'failover',
        component,
        at: `${2 + 2 * i}s`,
      })),
    },
    {
      allow: { kinds: ['failover'], maxTargets: names.length },
      vars: { BASE_URL: `http://${server}` },
      components: Object.fromEntries(names.map((name) => [name, { provider: 'local', ...components[name] }])),
    },
    k6?.path,
  );
  const seen = ({ type }: JournalEvent) => {
    if (type === 'load-started') hasLoad = true;
  };
  return (await runInProcess(files, k6 as K6, change, seen)).verdict;
}

/** Something uses the stores from the load on, as if that asked them; it is on the tiny target. */
async function whileUsed<T>({ ask }: Stores, work: () => Promise<T>): Promise<T> {
  let done = false;
  const using = ask.map(async (once) => {
    while (!done && !hasLoad) await sleep(50);
    // While it fails over nobody answers.
    while (!done) await once().catch(() => sleep(50));
  });
  return work().finally(() => {
    done = true;
    return Promise.all(using);
  });
}

// Postgres and, where it is installed, Redis through Sentinel, in the same drill.
describe.skipIf(k6 === null)('a failover', () => {
  test('whose effect is replaced by nothing is INVALID', () =>
    withStores(async (stores) => {
      const nothing = await drill(stores, withoutEffect);
      expect(nothing.verdict, nothing.reasons.join('\n')).toBe('INVALID');
      const unproven = { result: 'INVALID', evidence: [], injectedAt: null };
      expect(nothing.faults).toMatchObject(Object.keys(stores.components).map(() => unproven));
    }));

  test('of a store that nothing uses is INVALID', () =>
    withStores(async (stores) => {
      stores.supervise();
      const idle = await drill(stores);
      expect(idle.verdict, idle.reasons.join('\n')).toBe('INVALID');
      for (const name of Object.keys(stores.components))
        expect(idle.reasons.join('\n')).toContain(`nothing used ${name}`);
    }));

  test('of a store that is used from the load on is PASS', () =>
    withStores(async (stores) => {
      stores.supervise();
      const real = await whileUsed(stores, () => drill(stores));
      expect(real.verdict, real.reasons.join('\n')).toBe('PASS');
      expect(real.faults).toHaveLength(Object.keys(stores.components).length);
      for (const { name, evidence } of real.faults) expect(evidence, name).not.toEqual([]);
    }));
});
