import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { hasCluster } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { buildScenarios } from '../../orchestrator/tools/build.ts';
import { exchangeCostMicros } from '../../orchestrator/tools/exchange-cost.ts';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { onCluster } from '../drill/drill-switches.ts';
import { expectPassButForSpeed } from '../drill/named-verdict.ts';
import { anyK6 } from '../k6.ts';
import { cannotMeasure, keepVerdict } from '../kept-runs.ts';
import { runBundle } from '../load/run-bundle.ts';
import { kubectl } from './command-line.ts';
import { describeDisruptor, describeStockK6 } from './disruptor.ts';
import {
  leftOfRunners,
  makeRoomForRunners,
  removeRoomOfRunners,
  runnersThatBegan,
  withRunners,
} from './runners.ts';
import { environment, type KubernetesTestbed, namespace, startKubernetesTestbed } from './testbed.ts';

const k6 = await anyK6();
const testable = hasCluster && k6 !== null;
const measured = testable && (await hasMetricsApi());
if (!testable)
  cannotMeasure(
    onCluster.map((name) => `drill ${name}`),
    'there is no cluster',
  );
else if (!measured) cannotMeasure(['drill gateway-autoscale'], 'the cluster has no metrics API');

describeStockK6(k6);

const SLOW_MICROS = 150;
/** The cluster, the load and the target share two processors here. */
const SMALL = ['--var', 'RATE=100'];
/** Of fewer, too few are reads to tell whether less than 1 % of them failed. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = { 'studio-partition': ['--var', 'RATE=170'] };
/** Chaos Mesh cuts one pod after the other: on a slow machine the last one still answers for a second or two. */
const MISSABLE: Readonly<Record<string, readonly string[]>> = { 'studio-partition': ['browsing-marked'] };

// Under exactly the role that ships. Latencies depend on the speed of the machine: they may be missed, and the verdict then says so.
describe.skipIf(!testable)('the testbed on a real cluster', () => {
  let testbed: KubernetesTestbed;
  let runs = 0;
  beforeAll(async () => {
    testbed = await startKubernetesTestbed();
    // A pod that an autoscaler adds during a partition is not cut off, which makes the drill INVALID. So here nothing else changes the pods.
    if (measured) await kubectl(namespace, 'delete', 'hpa', '--all');
    await warmUp();
  }, 600_000);
  afterAll(() => testbed?.down(), 200_000);
  afterEach(async () => expect(await testbed.residue()).toEqual([]));

  /** Services that have just started are slow, and a drill refuses such a steady state. So it is tried a few times, until they carry the load. */
  async function warmUp(): Promise<void> {
    const { vars } = parse(readFileSync('chaos/environments/kubernetes.yaml', 'utf8'));
    const times = { BASE_DURATION: '2s', RAMP: '3s', DURATION: '10s' };
    const script = path.join(testbed.directory, 'spike.js');
    await buildScenarios({ cwd: process.cwd(), outDir: testbed.directory });
    for (let tries = 0; tries < 5; tries++) {
      const run = await runBundle({
        k6: k6?.path ?? '',
        script,
        vars: { ...vars, RATE: 100, ...times },
        env: testbed.env,
      });
      if (run.exitCode === 0) return;
    }
  }

  /** A run whose first fault stayed out, because the machine was too busy for a steady state, has tried nothing. It is tried again. */
  async function drill(file: string, settings: readonly string[] = [], env = environment) {
    let last = await drillOnce(file, settings, env);
    for (let tries = 1; tries < 4 && last.verdict.faults[0]?.injectedAt === null; tries++)
      last = await drillOnce(file, settings, env);
    return last;
  }

  async function drillOnce(file: string, settings: readonly string[], env: string) {
    const out = path.join(testbed.directory, `${path.basename(file, '.yaml')}-${runs++}`);
    const { exitCode, stdout, stderr } = await testbed.squall([
      ...['drill', file, '--env', env, ...settings],
      ...['--out', out, '--json'],
    ]);
    if (!existsSync(path.join(out, 'verdict.json')))
      throw new Error(`no verdict (exit ${exitCode}): ${stderr}`);
    const verdict = JSON.parse(stdout) as Verdict;
    console.info(
      `${file} (${path.basename(env)}): ${verdict.verdict} ${verdict.reasons.join(' ')} ${JSON.stringify(told(verdict))}`,
    );
    return { exitCode, verdict, out, keep: () => keepVerdict(verdict.drill, out) };
  }

  const drills: [string, RegExp, RegExp][] = [
    ['gateway-kill', /uid .* is (gone|being removed)/, /new uid .* is ready/],
    ['studio-partition', /rule\(s\) of this fault applied/, /the object is gone/],
  ];
  // More than a minute each, so they are left to a full run; the tests of the two faults run every time.
  if (process.env.SQUALL_FULL)
    drills.push(
      ['gateway-freeze', /is not ready, its containers are out of service/, /(\d+) of \1 pods are ready/],
      ['stress', /stressors run/, /the object is gone/],
      ['cascade', /is not ready, its containers are out of service/, /1 of 1 pods are ready/],
    );
  test.each(drills)(
    '%s goes in and out with evidence, and nothing that was acknowledged is lost',
    { timeout: 500_000 },
    async (name, begun, ended) => {
      const { exitCode, verdict } = await drill(`chaos/drills/${name}.yaml`, SETTINGS[name] ?? SMALL);
      expectPassButForSpeed({ exitCode, verdict }, MISSABLE[name]);
      const [fault] = verdict.faults;
      expect(fault?.evidence.join('\n')).toMatch(begun);
      expect(fault?.evidence.join('\n')).toMatch(ended);
      expect(Date.parse(fault?.removedAt ?? '')).toBeGreaterThan(Date.parse(fault?.injectedAt ?? ''));
      for (const phase of ['steady', `fault:${fault?.name}`, `recovery:${fault?.name}`])
        expect(verdict.phases.find((one) => one.name === phase)?.requests, phase).toBeGreaterThan(100);
      expect(verdict.writes).toMatchObject({ lost: 0, duplicated: 0 });
      expect(verdict.writes?.acknowledged).toBeGreaterThan(50);
      for (const probe of verdict.probes) expect(probe).toMatchObject({ result: 'PASS' });
      if (verdict.probes.length > 0) expect(fault?.detectedAt).toEqual(expect.any(String));
      if (name === 'studio-partition') expectOutage(verdict);
    },
  );

  /** The samples themselves show the cut, and that the link came back. */
  function expectOutage({ faults: [fault], phases }: Verdict): void {
    expect(fault?.failedRequests).toBeGreaterThan(20);
    expect(Date.parse(fault?.recoveredAt ?? '')).toBeGreaterThan(Date.parse(fault?.firstBadAt ?? ''));
    const errors = (name: string) => phases.find((phase) => phase.name === name)?.errors ?? Number.NaN;
    expect(errors('steady')).toBe(0);
    expect(errors('fault:link-cut')).toBeGreaterThan(errors('recovery:link-cut'));
  }

  // The same drill file, whoever makes its load. A minute and a half each: left to a full run.
  const parallelisms = [1, 2, 4];
  test.skipIf(!process.env.SQUALL_FULL)(
    'gateway-kill with its load on runners of k6-operator: one verdict, however many they are',
    {
      timeout: 500_000 * parallelisms.length,
    },
    async () => {
      await makeRoomForRunners();
      try {
        for (const parallelism of parallelisms) {
          const env = withRunners(testbed.directory, parallelism);
          const { verdict, out } = await drill('chaos/drills/gateway-kill.yaml', SMALL, env);
          expect([parallelism, verdict.verdict, verdict.reasons]).toEqual([
            parallelism,
            'PASS',
            expect.anything(),
          ]);
          expect(runnersThatBegan(out)).toBe(parallelism);
          expect(verdict.writes).toMatchObject({ lost: 0, duplicated: 0 });
          const [fault] = verdict.faults;
          expect(fault?.expectations.map(({ name, result }) => [name, result])).toEqual([
            ['detectWithin', 'PASS'],
            ['recoverWithin', 'PASS'],
            ['downtimeBelow', 'PASS'],
          ]);
          // Whatever the clocks of the runners and the gaps between two requests may hide.
          expect((fault?.downtimeMs ?? Number.NaN) + (fault?.toleranceMs ?? Number.NaN)).toBeLessThan(5_000);
          expect(await leftOfRunners()).toEqual([]);
        }
      } finally {
        await removeRoomOfRunners();
      }
    },
  );

  test("a killed pod's replacement is ready within ten seconds, as the probes see it", {
    timeout: 300_000,
  }, async () => {
    const { exitCode, verdict, keep } = await drill('testbed/deploy/pod-recovery.yaml');
    expectPassButForSpeed({ exitCode, verdict });
    expect(probesOf(verdict)).toEqual([
      ['recovered', 'PASS'],
      ['at-least-three', 'PASS'],
    ]);
    keep();
  });

  test('a rolling update: the probes see it, and it fails no request', { timeout: 300_000 }, async () => {
    const { exitCode, verdict, keep } = await drill('testbed/deploy/gateway-rollout.yaml');
    expectPassButForSpeed({ exitCode, verdict });
    expect(verdict.faults[0]).toMatchObject({ result: 'PASS', failedRequests: 0 });
    expect(probesOf(verdict)).toEqual([
      ['rolled-out', 'PASS'],
      ['all-ready', 'PASS'],
      ['at-least-three', 'PASS'],
    ]);
    keep();
  });

  // The shared cluster has no metrics API by itself: scripts/lib/metrics-server.sh gives it one for the register.
  test.skipIf(!measured)(
    'above 70 % of its CPU the gateway goes from three replicas to ten, and back',
    { timeout: 900_000 },
    async () => {
      await startWithThree();
      const { exitCode, verdict, keep } = await drill(
        'testbed/deploy/gateway-autoscale.yaml',
        await carriedRate(),
      );
      expectPassButForSpeed({ exitCode, verdict });
      expect(probesOf(verdict)).toEqual([
        ['three-before', 'PASS'],
        ['scaled-out', 'PASS'],
        ['three-after', 'PASS'],
      ]);
      expect(verdict.writes).toMatchObject({ lost: 0, duplicated: 0 });
      keep();
    },
  );

  test.skipIf(!measured)(
    'a load that three replicas carry scales nothing out, and the drill says so: FAIL',
    { timeout: 900_000 },
    async () => {
      await startWithThree();
      const { exitCode, verdict } = await drill('testbed/deploy/gateway-autoscale.yaml', [
        '--var',
        'RATE=50',
      ]);
      expect({ exitCode, verdict: verdict.verdict }).toEqual({ exitCode: 1, verdict: 'FAIL' });
      expect(probesOf(verdict)).toEqual([
        ['three-before', 'PASS'],
        ['scaled-out', 'FAIL'],
        ['three-after', 'INVALID'],
      ]);
    },
  );

  /** Where a small exchange takes four times as long, so does a request at the gateways, and 800 a second are more than two cores carry. */
  async function carriedRate(): Promise<string[]> {
    return (await exchangeCostMicros()) > SLOW_MICROS ? ['--var', 'RATE=300'] : [];
  }

  /** Earlier loads have scaled it out, and the autoscaler waits a minute before it takes a replica away. */
  async function startWithThree(): Promise<void> {
    await kubectl(namespace, 'delete', 'hpa', 'gateway', '--ignore-not-found');
    await kubectl(namespace, 'scale', 'deploy/gateway', '--replicas=3');
    await vi.waitUntil(async () => (await gateways()) === 3, { timeout: 60_000, interval: 500 });
    await kubectl(namespace, 'apply', '-k', 'testbed/deploy/hpa');
  }

  async function gateways(): Promise<number> {
    const pods = await kubectl(namespace, 'get', 'pods', '-l', 'component=gateway', '-o', 'name');
    return pods.split('\n').filter((line) => line !== '').length;
  }

  test('the API server takes the autoscalers', async () => {
    const taken = await kubectl(namespace, 'apply', '-k', 'testbed/deploy/hpa', '--dry-run=server');
    expect(taken).toMatch(
      /horizontalpodautoscaler\.autoscaling\/gateway (created|configured|unchanged) \(server dry run\)/,
    );
  });

  // Last, on the same testbed, because the agents stay in its pods for as long as those live.
  describeDisruptor();
});

async function hasMetricsApi(): Promise<boolean> {
  const name = 'v1beta1.metrics.k8s.io';
  return (await kubectl(namespace, 'get', 'apiservice', name, '--ignore-not-found', '-o', 'name')) !== '';
}

const probesOf = ({ probes }: Verdict) => probes.map(({ name, result }) => [name, result]);

function told({ faults, probes }: Verdict): object {
  return {
    faults: faults.map(
      ({ name, result, downtimeMs, toleranceMs, injectedAt, removedAt, failedRequests }) => ({
        name,
        result,
        downtimeMs,
        toleranceMs,
        inForMs: Date.parse(removedAt ?? '') - Date.parse(injectedAt ?? ''),
        failedRequests,
      }),
    ),
    probes: probes.map(({ name, result, measured }) => `${name}: ${result} ${measured}`),
  };
}
