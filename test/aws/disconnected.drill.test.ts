import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type StandIn, startStandIn } from '../../chaos/providers/aws/fixtures/stand-in.ts';
import { furnish, INSTANCE, SHARD, TEST_CREDENTIALS } from '../../chaos/providers/aws/fixtures/world.ts';
import { runToEnd, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
let target: TinyTarget;
let standIn: StandIn;
beforeEach(async () => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
  target = await startTinyTarget();
  vi.stubEnv('XDG_STATE_HOME', path.join(target.directory, 'state'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await standIn.close();
  await target.stop();
});

const SAYS = {
  INSTANCE: /alone say that the standby of projects took over.*no request noticed/,
  SHARD: /sessions-001 is still named the primary/,
};

test.skipIf(k6 === null).each(Object.entries({ INSTANCE, SHARD }))(
  'on a stand-in for AWS whose effect is disconnected, 200 and all events are not enough (%s): INVALID',
  async (name, form) => {
    // Nothing fails, and AWS tells of a failover from beginning to end; for roles, zones and writers nothing has changed.
    standIn = await startStandIn({ speed: 60, roles: false });
    furnish(standIn);
    const files = writeDrill(
      target,
      {
        load: [{ script: 'script.js', vars: { DURATION: '8s' } }],
        faults: [
          { name: 'lost', kind: 'failover', component: 'store', at: '2s', expect: { unnoticed: true } },
        ],
      },
      {
        name: 'staging',
        aws: { account: standIn.account, region: 'eu-central-1', endpoint: standIn.endpoint },
        allow: { kinds: ['failover'], maxTargets: 1 },
        vars: { BASE_URL: `http://127.0.0.1:${target.port}` },
        components: { store: { provider: 'aws', ...form } },
      },
      k6?.path,
    );
    const { exitCode, verdict } = await runToEnd(files, ['--approve', 'lost']);
    expect(verdict.verdict, verdict.reasons.join('\n')).toBe('INVALID');
    expect(exitCode).toBe(2);
    expect(verdict.reasons.join('\n')).toMatch(SAYS[name as keyof typeof SAYS]);
    expect(standIn.orders).toHaveLength(1);
    expect(verdict.residue).toEqual([]);
  },
);
