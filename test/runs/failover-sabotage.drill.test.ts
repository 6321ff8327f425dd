import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { askRedis } from '../../chaos/providers/local/faults/redis-client.ts';
import { preparePostgres } from '../../chaos/providers/local/fixtures/postgres.ts';
import { hasRedis, startRedisGroup } from '../../chaos/providers/local/fixtures/redis.ts';
import type { K6 } from '../../orchestrator/tools/find-k6.ts';
import { runInProcess, withoutEffect } from '../drill/in-process.ts';
import { writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
const postgresTemplate = preparePostgres();
afterAll(() => postgresTemplate.remove());

let target: TinyTarget;
beforeEach(async () => {
  target = await startTinyTarget();
  vi.stubEnv('XDG_STATE_HOME', path.join(target.directory, 'state'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await target.stop();
});

/** The load is on the tiny target; a real store beside it fails over, and its own supervisor brings it back. */
async function drill(component: object, change?: typeof withoutEffect) {
  const server = `127.0.0.1:${target.port}`;
  const files = writeDrill(
    target,
    {
      load: [{ script: 'script.js', vars: { DURATION: change === undefined ? '12s' : '5s' } }],
      faults: [{ name: 'lost', kind: 'failover', component: 'store', at: '2s' }],
    },
    {
      allow: { kinds: ['failover'], maxTargets: 1 },
      vars: { BASE_URL: `http://${server}` },
      components: { store: { provider: 'local', ...component } },
    },
    k6?.path,
  );
  return (await runInProcess(files, k6 as K6, change)).verdict;
}

/** Something uses the store while the work is done: not the load, which is on the tiny target. */
async function whileUsed<T>(ask: () => Promise<unknown>, work: () => Promise<T>): Promise<T> {
  let done = false;
  const use = async () => {
    // While it fails over nobody answers.
    while (!done) await ask().catch(() => sleep(50));
  };
  const using = use();
  return work().finally(() => {
    done = true;
    return using;
  });
}

describe.skipIf(k6 === null)('a failover of Postgres', () => {
  test('whose effect is replaced by nothing is INVALID', async () => {
    await withPair(async ({ nodes }) => {
      const nothing = await drill({ postgres: { nodes } }, withoutEffect);
      expect(nothing.verdict, nothing.reasons.join('\n')).toBe('INVALID');
      expect(nothing.faults).toMatchObject([{ result: 'INVALID', evidence: [], injectedAt: null }]);
    });
  });

  test('of a store that nothing uses is INVALID', async () => {
    await withPair(async (pair) => {
      pair.supervise();
      const idle = await drill({ postgres: { nodes: pair.nodes } });
      expect(idle.verdict, idle.reasons.join('\n')).toBe('INVALID');
      expect(idle.reasons.join('\n')).toContain('nothing used store');
    });
  });

  test('of a store that is in use is PASS', async () => {
    await withPair(async (pair) => {
      const { nodes, supervise } = pair;
      supervise();
      const ask = async () => {
        const client = new Client({ connectionString: nodes[0]?.url, connectionTimeoutMillis: 1_000 });
        client.on('error', () => {});
        try {
          await client.connect();
          await client.query('select pg_sleep(0.05)');
        } finally {
          await client.end();
        }
      };
      const real = await whileUsed(ask, () => drill({ postgres: { nodes } }));
      expect(real.verdict, real.reasons.join('\n')).toBe('PASS');
      expect(real.faults[0]?.evidence).not.toEqual([]);
    });
  });

  async function withPair(work: (pair: Awaited<ReturnType<typeof postgresTemplate.pair>>) => Promise<void>) {
    const pair = await postgresTemplate.pair();
    await work(pair).finally(() => pair.close());
  }
});

describe.skipIf(k6 === null || !hasRedis)('a failover of Redis through Sentinel', () => {
  test('whose effect is replaced by nothing is INVALID', async () => {
    await withGroup(async ({ redis }) => {
      const nothing = await drill({ redis }, withoutEffect);
      expect(nothing.verdict, nothing.reasons.join('\n')).toBe('INVALID');
      expect(nothing.faults).toMatchObject([{ result: 'INVALID', evidence: [], injectedAt: null }]);
    });
  });

  test('of a store that nothing uses is INVALID', async () => {
    await withGroup(async ({ redis }) => {
      const idle = await drill({ redis });
      expect(idle.verdict, idle.reasons.join('\n')).toBe('INVALID');
      expect(idle.reasons.join('\n')).toContain('nothing used store');
    });
  });

  test('of a store that is in use is PASS', async () => {
    await withGroup(async ({ redis }) => {
      const address = redis.nodes[0]?.address ?? '';
      const ask = async () => {
        await askRedis(address, ['GET', 'song']);
        await sleep(50);
      };
      const real = await whileUsed(ask, () => drill({ redis }));
      expect(real.verdict, real.reasons.join('\n')).toBe('PASS');
      expect(real.faults[0]?.evidence).not.toEqual([]);
    });
  });

  async function withGroup(work: (group: Awaited<ReturnType<typeof startRedisGroup>>) => Promise<void>) {
    const group = await startRedisGroup();
    await work(group).finally(() => group.close());
  }
});
