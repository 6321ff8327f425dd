import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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

describe.skipIf(k6 === null)('a failover of Postgres', () => {
  test('whose effect is replaced by nothing is INVALID; the real one is not', async () => {
    const pair = await postgresTemplate.pair();
    try {
      const { nodes } = pair;
      const nothing = await drill({ postgres: { nodes } }, withoutEffect);
      expect(nothing.verdict, nothing.reasons.join('\n')).toBe('INVALID');
      expect(nothing.faults).toMatchObject([{ result: 'INVALID', evidence: [], injectedAt: null }]);
      pair.supervise();
      const real = await drill({ postgres: { nodes } });
      expect(real.verdict, real.reasons.join('\n')).toBe('PASS');
      expect(real.faults[0]?.evidence).not.toEqual([]);
    } finally {
      await pair.close();
    }
  });
});

describe.skipIf(k6 === null || !hasRedis)('a failover of Redis through Sentinel', () => {
  test('whose effect is replaced by nothing is INVALID; the real one is not', async () => {
    const group = await startRedisGroup();
    try {
      const nothing = await drill({ redis: group.redis }, withoutEffect);
      expect(nothing.verdict, nothing.reasons.join('\n')).toBe('INVALID');
      expect(nothing.faults).toMatchObject([{ result: 'INVALID', evidence: [], injectedAt: null }]);
      const real = await drill({ redis: group.redis });
      expect(real.verdict, real.reasons.join('\n')).toBe('PASS');
      expect(real.faults[0]?.evidence).not.toEqual([]);
    } finally {
      await group.close();
    }
  });
});
