import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type StandIn, startStandIn } from '../../chaos/providers/aws/fixtures/stand-in.ts';
import { furnish, SERVICE, TEST_CREDENTIALS } from '../../chaos/providers/aws/fixtures/world.ts';
import { runToEnd, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
/** The real process behind the tasks of the stand-in: it ends with the one that is stopped, and something starts it again. */
let target: TinyTarget;
let standIn: StandIn;
beforeEach(async () => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
  target = await startTinyTarget();
  standIn = await startStandIn({
    speed: 20,
    effect: (what) => what === 'down' && process.kill(target.pid(), 'SIGTERM'),
  });
  furnish(standIn);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await standIn.close();
  await target.stop();
});

const drill = () =>
  writeDrill(
    target,
    {
      load: [{ script: 'script.js', vars: { DURATION: '10s' } }],
      faults: [
        {
          ...{ name: 'stopped', kind: 'stop', component: 'gateway', at: '2s' },
          expect: { recoverWithin: '6s', downtimeBelow: '5s' },
        },
      ],
      probes: [
        { name: 'replaced', kind: 'ready-within', component: 'gateway', within: '8s', after: 'stopped' },
      ],
      writes: { lost: 0 },
    },
    {
      name: 'staging',
      aws: { account: standIn.account, region: 'eu-central-1', endpoint: standIn.endpoint },
      allow: { kinds: ['stop'], maxTargets: 1 },
      vars: { BASE_URL: `http://127.0.0.1:${target.port}` },
      components: { gateway: { provider: 'aws', ...SERVICE } },
    },
    k6?.path,
  );

test.skipIf(k6 === null)(
  'a task is stopped on a stand-in for AWS, whose effect is the end of the real process: PASS with real downtime',
  { timeout: 90_000 },
  async () => {
    const { exitCode, verdict, stderr } = await runToEnd(drill());
    expect([exitCode, verdict.verdict], `${verdict.reasons.join('\n')}\n${stderr}`).toEqual([0, 'PASS']);
    const [fault] = verdict.faults;
    expect(fault?.evidence.join('\n')).toMatch(
      /task 0+ is (STOPPING|STOPPED), by "squall .* stopped"[\s\S]*3 of 3 run again, 1 of them new[\s\S]*ended in order \(exit code 143\)/,
    );
    // Nothing but the end of the process makes requests fail here.
    expect(fault?.failedRequests).toBeGreaterThan(0);
    expect(fault?.downtimeMs).toBeGreaterThan(100);
    expect(verdict.probes).toMatchObject([{ name: 'replaced', result: 'PASS' }]);
    expect(standIn.orders).toHaveLength(1);
    expect(verdict.residue).toEqual([]);
  },
);
