import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { objectName } from '../../chaos/kubernetes/naming.ts';
import { adminConfig, hasCluster, writeKubeconfig } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { waitFor } from '../../chaos/providers/chaos-mesh/fixtures/wait-for.ts';
import type { JournalLine } from '../../orchestrator/journal/events.ts';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { anyK6 } from '../k6.ts';
import { countOf, inParallel, trials } from '../trials.ts';
import { kubectl } from './command-line.ts';
import { type CommandLineLab, createCommandLineLab } from './lab.ts';
import { skewedK6, skewOf } from './skewed-k6.ts';

const k6 = await anyK6();
const testable = hasCluster && k6 !== null;
const image = process.env.SQUALL_TEST_K6_IMAGE ?? 'squall/k6-v1:local';
const rbac = path.resolve(import.meta.dirname, '../../orchestrator/load/k6-operator/rbac.yaml');
const kills = { full: 100, sample: 1 };
/** In a long series. They wait most of the time. */
const KILLS_AT_ONCE = 4;

/** How long the load is whose runner is killed. */
const KILLED_LOAD_S = 20;

/** Beside other tests answers are slow. A runner without a free user drops iterations, and that is broken whoever is killed. */
const MANY = { VUS: '120' };

/** More than a ConfigMap takes: this many MiB, and each byte says in which MiB it is. */
const DATA_MIB = 3;

/** Forty requests a second for SECONDS, from VUS users. Fails if it finds the file DATA other than it was. */
const SCRIPT = `
import http from 'k6/http';
if (__ENV.DATA) {
  const data = new Uint8Array(open(__ENV.DATA, 'b'));
  for (let i = 0; i < ${DATA_MIB}; i++)
    if (data[i << 20] !== i || data[((i + 1) << 20) - 1] !== i) throw new Error('DATA is not what it was at MiB ' + i);
}
export const options = {
  scenarios: {
    load: {
      executor: 'constant-arrival-rate', rate: 40, duration: __ENV.SECONDS + 's',
      preAllocatedVUs: Number(__ENV.VUS || 12), maxVUs: Number(__ENV.VUS || 24),
    },
  },
};
export function setup() { http.get(__ENV.BASE_URL + '?setup'); }
export default () => http.get(__ENV.BASE_URL, { tags: { name: 'GET /' } });
`;

describe.skipIf(!testable)('load by k6-operator on a real cluster', () => {
  let world: CommandLineLab;
  let runs = 0;
  beforeAll(async () => {
    world = await createCommandLineLab();
    const { namespace } = world.lab;
    await kubectl(namespace, 'apply', '-f', rbac);
    // The account of the lab gets the role that ships for loads, beside the one for faults.
    const to = `--serviceaccount=${namespace}:squall`;
    await kubectl(namespace, 'create', 'rolebinding', 'load-of-squall', '--role=squall-load', to);
    writeFileSync(path.join(world.directory, 'steady.js'), SCRIPT);
    const data = Array.from({ length: DATA_MIB }, (_, i) => Buffer.alloc(1 << 20, i));
    writeFileSync(path.join(world.directory, 'data.bin'), Buffer.concat(data));
  });
  afterAll(() => world?.close());
  afterEach(async () => expect(await left()).toEqual([]));

  /** What a load can leave, and the trial of its image. @param run left out: of all runs */
  async function left(run?: string): Promise<string[]> {
    const kinds = 'testruns,jobs,configmaps,secrets,services,pods';
    const all = (await kubectl(world.lab.namespace, 'get', kinds, '-o', 'name')).split('\n');
    if (run === undefined) return all.filter((name) => /\/squall-(load|image)-/.test(name));
    const own = ['load-0', 'image'].map((part) => `/${objectName(run, part)}`);
    return all.filter((name) => own.some((one) => name.includes(one)));
  }

  async function withLoad(load: Record<string, unknown>): Promise<string> {
    const file = path.join(world.directory, `env-${++runs}.yaml`);
    const vars = { BASE_URL: `http://${await world.lab.address('web')}:8080/` };
    const settings = {
      runner: 'k6-operator',
      namespace: world.lab.namespace,
      parallelism: 2,
      image,
      ...load,
    };
    writeFileSync(file, stringify({ name: `lab-${runs}`, vars, load: settings }));
    return file;
  }

  function drill(seconds: number, vars: Record<string, string> = {}): string {
    const file = path.join(world.directory, `drill-${++runs}.yaml`);
    const objectives = [
      { name: 'rate', throughput: true, atLeast: '36/s', minSamples: 20 },
      { name: 'errors', errors: true, below: '1%', phase: 'all', minSamples: 20 },
    ];
    const load = [{ script: 'steady.js', vars: { SECONDS: String(seconds), ...vars } }];
    writeFileSync(file, stringify({ name: 'steady', load, steady: { for: '3s' }, objectives }));
    return file;
  }

  function started(env: string, seconds: number, vars: Record<string, string> = {}) {
    const out = path.join(world.directory, `run-${++runs}`);
    const own = { XDG_STATE_HOME: path.join(world.directory, `state-${runs}`) };
    const running = world.squall(['drill', drill(seconds, vars), '--env', env, '--out', out, '--json'], own);
    const lines = (): JournalLine[] => {
      const file = path.join(out, 'journal.jsonl');
      if (!existsSync(file)) return [];
      const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1);
      return whole.map((line) => JSON.parse(line) as JournalLine);
    };
    const has = (type: string) => lines().some(({ event }) => event.type === type);
    return {
      running,
      own,
      out,
      lines,
      // On a machine that is busy with other tests a start takes long.
      async until(type: string) {
        await waitFor(type, async () => has(type) || running.exitCode !== null, 200_000);
        if (!has(type)) throw new Error(`it ended without ${type}: ${(await running).stderr}`);
      },
    };
  }

  async function verdictOf({ running }: ReturnType<typeof started>): Promise<Verdict> {
    const { stdout, stderr } = await running;
    if (!stdout.startsWith('{')) throw new Error(`no verdict: ${stderr}`);
    return JSON.parse(stdout) as Verdict;
  }

  test.each([
    [1, 'a script in one ConfigMap', {}],
    [4, 'a script larger than a ConfigMap and wrong clocks', { DATA: './data.bin' }],
  ])(
    '%d runners with %s make the load of one, and one verdict',
    { timeout: 120_000 },
    async (parallelism, _, vars) => {
      const skewed = parallelism > 1 ? await skewedK6(k6?.path ?? '') : null;
      const run = started(await withLoad({ parallelism, image: skewed ?? image }), 10, vars);
      const verdict = await verdictOf(run);
      expect([verdict.verdict, verdict.reasons]).toEqual(['PASS', expect.anything()]);
      // The setup() of each runner is no load.
      const runners = run
        .lines()
        .flatMap(({ event }) => (event.type === 'load-runners' ? event.runners : []));
      expect(runners.map(({ setupRequests }) => setupRequests)).toEqual(Array(parallelism).fill(1));
      const all = verdict.objectives.find(({ name }) => name === 'errors')?.samples ?? 0;
      expect(Math.abs(all - 400)).toBeLessThanOrEqual(parallelism);
      for (const [i, { clockOffsetMs, plusMinusMs }] of runners.entries()) {
        expect(plusMinusMs).toBeLessThan(50);
        // This cluster's only node is this machine: but for what is put in, its clock is ours.
        const wrongBy = Math.abs(clockOffsetMs - (skewed === null ? 0 : skewOf(i + 1)));
        expect(wrongBy).toBeLessThanOrEqual(plusMinusMs + 1);
        console.log(
          `runner ${i + 1}: clock found within ${wrongBy.toFixed(1)} ms (± ${plusMinusMs.toFixed(1)})`,
        );
        if (skewed !== null) expect(wrongBy).toBeLessThanOrEqual(5);
      }
      // They start one right after the other. With times that are not corrected, every other one would be a second later.
      const began = runners.map(({ beganAt }) => beganAt ?? 0);
      expect(Math.max(...began) - Math.min(...began)).toBeLessThan(800);
    },
  );

  test('a runner that is killed at a random moment makes the run INVALID and is named', {
    timeout: 240_000 * countOf(kills),
  }, async () => {
    const { count, random } = trials('runners of k6-operator killed', kills);
    const { namespace } = world.lab;
    const points = Array.from({ length: count }, () => ({
      victim: 1 + Math.floor(random() * 2),
      // From before k6 starts to shortly before it is done.
      afterMs: Math.round(random() * (KILLED_LOAD_S - 2) * 1000),
    }));
    const wrong: string[] = [];
    await inParallel(count, KILLS_AT_ONCE, async (i) => {
      const { victim, afterMs } = points[i] as (typeof points)[number];
      const run = started(await withLoad({ parallelism: 2 }), KILLED_LOAD_S, MANY);
      await run.until('run-started');
      const [first] = run.lines();
      const id = first?.event.type === 'run-started' ? first.event.run : '';
      const load = objectName(id, 'load-0');
      // By the client: a kubectl for each look would be a load of its own.
      const { core } = world.lab;
      const labelSelector = `job-name=${load}-${victim}`;
      const podNames = async () =>
        (await core.listNamespacedPod({ namespace, labelSelector })).items.map(
          ({ metadata }) => metadata?.name,
        );
      await waitFor('the pod', async () => (await podNames()).length > 0, 200_000);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      const [name = ''] = await podNames();
      await core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 });
      const { verdict, reasons } = await verdictOf(run);
      console.log(`${i}: runner ${victim} after ${afterMs} ms: ${verdict}, ${reasons[0]}`);
      // One that is wrong does not end the series: how many they are matters.
      const isNamed = reasons.join(' ').includes(`runner ${victim} of 2 (pod ${load}-${victim}-`);
      const rest = await left(id);
      if (verdict !== 'INVALID' || !isNamed || rest.length > 0)
        wrong.push(`${i}: ${verdict} ${reasons.join(' ')} ${rest.join(' ')}`);
    });
    expect(wrong).toEqual([]);
  });

  test('a runner that is cut from its stream makes the run INVALID and is named', {
    timeout: 120_000,
  }, async () => {
    const { namespace } = world.lab;
    const run = started(await withLoad({ parallelism: 2 }), KILLED_LOAD_S);
    await run.until('first-sample');
    const pods = (await kubectl(namespace, 'get', 'pods', '-l', 'runner=true', '-o', 'name')).split('\n');
    const second = pods.find((name) => name.includes('-2-')) ?? '';
    // What reads its pipe dies; k6 and its pod live on.
    const reader = `case $(tr '\\0' ' ' <$p/cmdline) in 'cat /squall/samples'* | '/bin/sh -c cat /squall/samples'*)`;
    const cut = `for p in /proc/[0-9]*; do ${reader} kill -9 $(basename $p) ;; esac; done`;
    await kubectl(namespace, 'exec', second, '-c', 'squall-samples', '--', '/bin/sh', '-c', cut);
    const { verdict, reasons } = await verdictOf(run);
    expect(verdict).toBe('INVALID');
    expect(reasons.join(' ')).toMatch(
      /runner 2 of 2 \(pod squall-load-0-\w+-2-.*\) was cut from its stream: /,
    );
  });

  test('SIGKILL of squall: its guardian takes the load away', { timeout: 120_000 }, async () => {
    const run = started(await withLoad({ parallelism: 2 }), 60);
    await run.until('first-sample');
    expect(await left()).not.toEqual([]);
    run.running.kill('SIGKILL');
    await run.running;
    await waitFor('a clean cluster', async () => (await left()).length === 0, 60_000);
    // The first is that of the trial of the image.
    const undone = () =>
      run
        .lines()
        .flatMap(({ event }) => (event.type === 'undo-done' ? [event] : []))
        .slice(1);
    await waitFor('the word of the guardian', async () => undone().length > 0, 30_000);
    expect(undone()).toMatchObject([{ by: 'guardian', outcome: { state: 'undone' } }]);
  });

  test('SIGKILL of squall while the image is tried: its guardian takes the pod away', {
    timeout: 60_000,
  }, async () => {
    // Without a node, the pod of the trial is there for some seconds.
    const run = started(await withLoad({ nodeSelector: { 'squall-test': 'no-such-node' } }), 5);
    await waitFor('the pod', async () => (await left()).some((name) => name.startsWith('pod/squall-image-')));
    run.running.kill('SIGKILL');
    await run.running;
    await waitFor('a clean cluster', async () => (await left()).length === 0, 30_000);
    await run.until('undo-done');
    const undone = run.lines().flatMap(({ event }) => (event.type === 'undo-done' ? [event] : []));
    expect(undone).toMatchObject([{ by: 'guardian', outcome: { state: 'undone' } }]);
  });

  test('nobody but the cluster knows of a load: recover --env finds it by its label', {
    timeout: 60_000,
  }, async () => {
    const env = await withLoad({ parallelism: 2 });
    const { namespace } = world.lab;
    const labels = 'app.kubernetes.io/managed-by=squall,squall/run=a-run';
    const load = 'squall-load-0-0123456789';
    const trial = 'squall-image-0123456789';
    await kubectl(namespace, 'create', 'configmap', load);
    await kubectl(namespace, 'create', 'secret', 'generic', load);
    await kubectl(namespace, 'run', trial, `--image=${image}`, '--restart=Never', '--command', 'sleep', '99');
    for (const [kind, name] of [
      ['configmap', load],
      ['secret', load],
      ['pod', trial],
    ] as const)
      await kubectl(namespace, 'label', kind, name, ...labels.split(','));
    const elsewhere = { XDG_STATE_HOME: path.join(world.directory, 'another-machine') };
    const swept = await world.squall(['recover', '--env', env], elsewhere);
    expect(swept).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(
        /TestRun squall-load-0-\w+ .* is gone[\s\S]*pod squall-image-\w+ .* is gone/,
      ),
    });
  });

  test('what never starts makes the run INVALID and says why', { timeout: 120_000 }, async () => {
    const nowhere = { nodeSelector: { 'squall-test': 'no-such-node' }, startWithin: '8s' };
    const { verdict, reasons } = await verdictOf(started(await withLoad(nowhere), 5));
    expect(verdict).toBe('INVALID');
    expect(reasons.join(' ')).toMatch(/runner 1 of 2 .* did not start within 8 s: was not scheduled: .*node/);
  });

  test('what is missing is refused before anything is touched', { timeout: 120_000 }, async () => {
    const refusals: [string, Record<string, unknown>, Record<string, string>, RegExp][] = [
      [
        'VUs',
        { parallelism: 5 },
        {},
        /scenario load has preAllocatedVUs: 12, which 5 runners cannot share evenly\n {2}Fix: make it 15/,
      ],
      ['version', { image: 'grafana/k6:latest' }, {}, /load\.image: `latest` is not a version/],
      [
        'image',
        { image: 'squall/no-such-image:1' },
        {},
        /the image squall\/no-such-image:1 cannot be had: its pod in \S+ cannot start k6: (ErrImage|ImagePull).*Fix: see that the registry has it/s,
      ],
      [
        'k6',
        { image: 'squall/busybox:local' },
        {},
        /k6 does not run in the image squall\/busybox:local: it ended with 127.*Fix: take one with k6/s,
      ],
      [
        'shell',
        { image: 'squall/pause:local' },
        {},
        /image squall\/pause:local.*\/bin\/sh.*Fix: take one with k6/s,
      ],
      [
        'rights',
        {},
        as('default'),
        /may not create testruns.* pods\/exec.* in \S+\n {2}Fix: grant what is missing: orchestrator/,
      ],
    ];
    for (const [what, load, env, message] of refusals) {
      const out = path.join(world.directory, `refused-${what}`);
      const args = ['drill', drill(5), '--env', await withLoad(load), '--out', out];
      const { exitCode, stderr } = await world.squall(args, { ...(await env) });
      expect([what, exitCode, stderr]).toEqual([what, 64, expect.stringMatching(message)]);
      expect(existsSync(out)).toBe(false);
    }
  });

  /** Another account of the lab, which may do nothing. */
  function as(account: string): Record<string, string> {
    const file = path.join(world.directory, `as-${account}.kubeconfig`);
    writeKubeconfig(file, adminConfig(), { token: tokens[account] ?? '' });
    return { KUBECONFIG: file };
  }
  const tokens: Record<string, string> = {};
  beforeAll(async () => {
    tokens.default = await kubectl(world.lab.namespace, 'create', 'token', 'default');
  });
});
