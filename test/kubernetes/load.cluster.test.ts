import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { adminConfig, hasCluster, writeKubeconfig } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { waitFor } from '../../chaos/providers/chaos-mesh/fixtures/wait-for.ts';
import type { JournalLine } from '../../orchestrator/journal/events.ts';
import { seededRandom } from '../../orchestrator/statistics/random.ts';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { anyK6 } from '../k6.ts';
import { kubectl } from './command-line.ts';
import { type CommandLineLab, createCommandLineLab } from './lab.ts';

const testable = hasCluster && (await anyK6()) !== null;
const image = process.env.SQUALL_TEST_K6_IMAGE ?? 'squall/k6-v1:local';
const rbac = path.resolve(import.meta.dirname, '../../orchestrator/load/k6-operator/rbac.yaml');
const isFull = process.env.SQUALL_FULL === '1';
const KILLS = isFull ? 100 : 1;
const seed = Number(process.env.SQUALL_SEED ?? Date.now() % 1e6);

/** Forty requests a second for SECONDS. */
const SCRIPT = `
import http from 'k6/http';
export const options = {
  scenarios: { load: { executor: 'constant-arrival-rate', rate: 40, duration: __ENV.SECONDS + 's', preAllocatedVUs: 12, maxVUs: 24 } },
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
  });
  afterAll(() => world?.close());
  afterEach(async () => expect(await left()).toEqual([]));

  /** What a load can leave. */
  async function left(): Promise<string[]> {
    const kinds = 'testruns,jobs,configmaps,secrets,services,pods';
    const all = await kubectl(world.lab.namespace, 'get', kinds, '-o', 'name');
    return all.split('\n').filter((name) => name.includes('/squall-load-'));
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

  function drill(seconds: number): string {
    const file = path.join(world.directory, `drill-${++runs}.yaml`);
    const objectives = [
      { name: 'rate', throughput: true, atLeast: '36/s', minSamples: 20 },
      { name: 'errors', errors: true, below: '1%', phase: 'all', minSamples: 20 },
    ];
    const load = [{ script: 'steady.js', vars: { SECONDS: String(seconds) } }];
    writeFileSync(file, stringify({ name: 'steady', load, steady: { for: '3s' }, objectives }));
    return file;
  }

  function started(env: string, seconds: number) {
    const out = path.join(world.directory, `run-${++runs}`);
    const own = { XDG_STATE_HOME: path.join(world.directory, `state-${runs}`) };
    const running = world.squall(['drill', drill(seconds), '--env', env, '--out', out, '--json'], own);
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
      until: (type: string) => waitFor(type, async () => has(type), 90_000),
    };
  }

  async function verdictOf({ running }: ReturnType<typeof started>): Promise<Verdict> {
    const { stdout, stderr } = await running;
    if (!stdout.startsWith('{')) throw new Error(`no verdict: ${stderr}`);
    return JSON.parse(stdout) as Verdict;
  }

  test.each([1, 4])(
    '%d runners make the load of one, and one verdict',
    { timeout: 120_000 },
    async (parallelism) => {
      const run = started(await withLoad({ parallelism }), 10);
      const verdict = await verdictOf(run);
      expect([verdict.verdict, verdict.reasons]).toEqual(['PASS', expect.anything()]);
      // The setup() of each runner is no load.
      const runners = run
        .lines()
        .flatMap(({ event }) => (event.type === 'load-runners' ? event.runners : []));
      expect(runners.map(({ setupRequests }) => setupRequests)).toEqual(Array(parallelism).fill(1));
      const all = verdict.objectives.find(({ name }) => name === 'errors')?.samples ?? 0;
      expect(Math.abs(all - 400)).toBeLessThanOrEqual(parallelism);
      for (const { clockOffsetMs, plusMinusMs } of runners) {
        // This cluster's only node is this machine: its clock is ours.
        expect(plusMinusMs).toBeLessThan(50);
        expect(Math.abs(clockOffsetMs)).toBeLessThanOrEqual(plusMinusMs + 1);
      }
    },
  );

  test(`a runner that is killed makes the run INVALID and is named (${KILLS} times, seed ${seed})`, {
    timeout: 120_000 * KILLS,
  }, async () => {
    const random = seededRandom(seed);
    for (let i = 0; i < KILLS; i++) {
      const run = started(await withLoad({ parallelism: 2 }), 20);
      await run.until('first-sample');
      const victim = 1 + Math.floor(random() * 2);
      await new Promise((resolve) => setTimeout(resolve, random() * 8_000));
      const { namespace } = world.lab;
      const pods = await kubectl(namespace, 'get', 'pods', '-l', 'runner=true', '-o', 'name');
      const pod = pods.split('\n').find((name) => name.includes(`-${victim}-`)) ?? '';
      await kubectl(namespace, 'delete', pod, '--grace-period=0', '--force');
      const { verdict, reasons } = await verdictOf(run);
      expect([i, verdict]).toEqual([i, 'INVALID']);
      expect(reasons.join(' ')).toMatch(
        new RegExp(`runner ${victim} of 2 \\(pod squall-load-0-\\w+-${victim}-`),
      );
      expect(await left()).toEqual([]);
    }
  });

  test('SIGKILL of squall: its guardian takes the load away', { timeout: 120_000 }, async () => {
    const run = started(await withLoad({ parallelism: 2 }), 60);
    await run.until('first-sample');
    expect(await left()).not.toEqual([]);
    run.running.kill('SIGKILL');
    await run.running;
    await waitFor('a clean cluster', async () => (await left()).length === 0, 60_000);
    const undone = run.lines().flatMap(({ event }) => (event.type === 'undo-done' ? [event] : []));
    expect(undone).toMatchObject([{ by: 'guardian', outcome: { state: 'undone' } }]);
  });

  test('nobody but the cluster knows of a load: recover --env finds it by its label', {
    timeout: 60_000,
  }, async () => {
    const env = await withLoad({ parallelism: 2 });
    const { namespace } = world.lab;
    const labels = 'app.kubernetes.io/managed-by=squall,squall/run=a-run';
    for (const kind of ['configmap', 'secret generic']) {
      const name = 'squall-load-0-0123456789';
      await kubectl(namespace, 'create', ...kind.split(' '), name);
      await kubectl(namespace, 'label', kind.split(' ')[0] ?? '', name, ...labels.split(','));
    }
    const elsewhere = { XDG_STATE_HOME: path.join(world.directory, 'another-machine') };
    const swept = await world.squall(['recover', '--env', env], elsewhere);
    expect(swept).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/TestRun squall-load-0-\w+ .* is gone/),
    });
  });

  test('what never starts makes the run INVALID and says why', { timeout: 120_000 }, async () => {
    const nowhere = { nodeSelector: { 'squall-test': 'no-such-node' }, startWithin: '8s' };
    const { verdict, reasons } = await verdictOf(started(await withLoad(nowhere), 5));
    expect(verdict).toBe('INVALID');
    expect(reasons.join(' ')).toMatch(/runner 1 of 2 .* did not start within 8 s: was not scheduled: .*node/);
    const unknown = await verdictOf(started(await withLoad({ image: 'squall/no-such-image:1' }), 5));
    expect(unknown.verdict).toBe('INVALID');
    expect(unknown.reasons.join(' ')).toMatch(/runner \d of 2 .* cannot start squall-samples: ErrImage/);
  });

  test('what is missing is refused before anything is touched', { timeout: 60_000 }, async () => {
    const refusals: [string, Record<string, unknown>, Record<string, string>, RegExp][] = [
      [
        'VUs',
        { parallelism: 5 },
        {},
        /scenario load has preAllocatedVUs: 12, which 5 runners cannot share evenly; make it 15/,
      ],
      ['image', { image: 'grafana/k6:latest' }, {}, /load\.image: `latest` is not a version/],
      [
        'rights',
        {},
        as('default'),
        /may not create testruns.* pods\/exec.* in \S+; grant what is missing: orchestrator/,
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
