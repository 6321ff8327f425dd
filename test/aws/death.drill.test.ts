import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { drillFault } from '../../chaos/faults/index.ts';
import { type StandIn, startStandIn } from '../../chaos/providers/aws/fixtures/stand-in.ts';
import { furnish, SUBNETS, TEST_CREDENTIALS } from '../../chaos/providers/aws/fixtures/world.ts';
import { createAwsProvider } from '../../chaos/providers/aws/provider.ts';
import { environment } from '../../chaos/schema/environment.ts';
import { eventOf, startDrill, writeDrill } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';
import { startTinyTarget, type TinyTarget } from '../tiny-target/tiny-target.ts';

const k6 = await anyK6();
let target: TinyTarget;
let standIn: StandIn;
beforeEach(async () => {
  for (const [name, value] of Object.entries(TEST_CREDENTIALS)) vi.stubEnv(name, value);
  target = await startTinyTarget();
  standIn = await startStandIn({ speed: 20 });
  furnish(standIn);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await standIn.close();
  await target.stop();
});

const aws = () => ({ account: standIn.account, region: 'eu-central-1', endpoint: standIn.endpoint });
const states = () => standIn.fis.experiments.map(({ state }) => state.status);

test.skipIf(k6 === null)(
  '(stand-in) SIGKILL of squall in a FIS experiment: the guardian stops it, and removes its template',
  { timeout: 120_000 },
  async () => {
    const files = writeDrill(
      target,
      {
        load: [{ script: 'script.js', vars: { DURATION: '60s' } }],
        faults: [{ name: 'cut', kind: 'partition', component: 'subnets', at: '2s', for: '40s' }],
      },
      {
        name: 'staging',
        aws: aws(),
        allow: { kinds: ['partition'], maxTargets: 1 },
        vars: { BASE_URL: `http://127.0.0.1:${target.port}` },
        components: { subnets: { provider: 'aws', ...SUBNETS } },
      },
      k6?.path,
    );
    const running = startDrill(files);
    await eventOf(files, 'fault-injected', running);
    expect(states()).toEqual(['running']);
    running.kill('SIGKILL');
    await running;
    await vi.waitFor(() => expect([states(), standIn.fis.templates]).toEqual([['stopped'], []]), {
      timeout: 60_000,
      interval: 100,
    });
    expect(standIn.calls.filter((call) => call === 'fis:StartExperiment')).toHaveLength(1);
  },
);

test('(stand-in) what a run has left is found by its tags, undone, and then gone', async () => {
  const provider = createAwsProvider({ speed: 100 });
  const described = { provider: 'aws' as const, ...SUBNETS };
  const there = environment.parse({ name: 'staging', aws: aws(), components: { subnets: described } });
  const fault = drillFault.parse({
    name: 'cut',
    kind: 'partition',
    component: 'subnets',
    at: '0s',
    for: '10s',
  });
  const request = {
    run: 'lost',
    fault,
    componentName: 'subnets',
    component: there.components.subnets as never,
    environment: there,
  };
  const signal = AbortSignal.timeout(20_000);
  const session = await provider.open({} as never, signal);
  const { targets } = await provider.resolve(request, signal);
  await (await session.prepare(request, targets, signal)).act(signal);
  expect(await provider.findResidue?.({ environment: there, run: 'another' }, signal)).toEqual([]);
  // In another process: nothing is known but the environment.
  const other = createAwsProvider({ speed: 100 });
  const [record, ...more] = (await other.findResidue?.({ environment: there }, signal)) ?? [];
  expect(more).toEqual([]);
  expect(await other.undo(record as never, signal)).toMatchObject({ state: 'undone' });
  expect([states(), standIn.fis.templates]).toEqual([['stopped'], []]);
  expect(await other.undo(record as never, signal)).toMatchObject({ state: 'nothing-to-undo' });
  expect(await other.findResidue?.({ environment: there }, signal)).toEqual([]);
  standIn.callerAccount = '999999999999';
  expect(await other.undo(record as never, signal)).toMatchObject({ state: 'failed', sight: 'out-of-reach' });
});
