import { afterAll, expect, test } from 'vitest';
import { NoEvidenceError } from '../../../provider.ts';
import { contextOf } from '../../contract.ts';
import { preparePostgres } from '../fixtures/postgres.ts';
import { hasRedis, startRedisGroup } from '../fixtures/redis.ts';
import { requestOf } from '../fixtures/world.ts';
import { createLocalProvider } from '../provider.ts';

const postgresTemplate = preparePostgres();
afterAll(() => postgresTemplate.remove());

/** The observation has to say so by itself, long before its deadline. */
const DEADLINE_MS = 60_000;
const SOON_MS = 20_000;

test.each(['kill', 'demote'])('PostgreSQL that is started again as the primary (%s)', async (mode) => {
  const pair = await postgresTemplate.pair();
  pair.restartPrimary();
  await failsOver({ postgres: { nodes: pair.nodes } }, mode, 'first').finally(pair.close);
});

test.skipIf(!hasRedis)('Redis that is back before Sentinel takes it for dead', async () => {
  const group = await startRedisGroup({ downAfterMs: 10_000 });
  group.restartMaster();
  const { redis } = group;
  await failsOver({ redis }, 'kill', redis.nodes[0]?.address ?? '').finally(group.close);
});

async function failsOver(form: Record<string, unknown>, mode: string, hit: string): Promise<void> {
  const provider = createLocalProvider();
  const request = requestOf({ kind: 'failover', params: { mode } }, form);
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const session = await provider.open(contextOf(request), signal);
  try {
    const { targets } = await provider.resolve(request, signal);
    const prepared = await session.prepare(request, targets, signal);
    await prepared.act(signal);
    await prepared.observe(signal);
    const began = Date.now();
    const outcome = await prepared.observeEnd(signal).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(NoEvidenceError);
    expect(String(outcome)).toMatch(
      new RegExp(`nothing took over: ${hit} came back as pid \\d+ before a standby was promoted; keep`),
    );
    expect(Date.now() - began).toBeLessThan(SOON_MS);
  } finally {
    await session.close();
  }
}
