import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { adminConfig, hasCluster, writeKubeconfig } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { waitFor } from '../../chaos/providers/chaos-mesh/fixtures/wait-for.ts';
import type { Verdict } from '../../orchestrator/verdict.types.ts';
import { anyK6 } from '../k6.ts';
import { type BareApiServer, hasBareApiServer, startBareApiServer } from './bare-api-server.ts';
import { kubectl } from './command-line.ts';
import { type CommandLineLab, createCommandLineLab, LOAD_SCRIPT } from './lab.ts';
import { hasSigningKey, signedToken } from './signed-token.ts';

const testable = hasCluster && (await anyK6()) !== null;

describe.skipIf(!testable)('what a real cluster lacks', () => {
  let world: CommandLineLab;
  let runs = 0;
  /** Its path. */
  let busy: string;
  beforeAll(async () => {
    world = await createCommandLineLab();
    busy = drillWith({
      name: 'busy',
      kind: 'stress',
      component: 'gateway',
      params: { cpu: { workers: 1, load: 10 } },
    });
  });
  afterAll(() => world?.close());
  afterEach(async () => expect(await world.lab.residue()).toEqual([]));

  function drillWith(fault: { name: string } & Record<string, unknown>): string {
    const file = path.join(world.directory, `${fault.name}.yaml`);
    const drill = {
      name: fault.name,
      load: [{ script: LOAD_SCRIPT, vars: { DURATION: '30s' } }],
      steady: { for: '2s' },
      faults: [{ ...fault, at: '4s', for: '20s' }],
      objectives: [{ name: 'answers', throughput: true, atLeast: '1/s', phase: 'steady', minSamples: 5 }],
    };
    writeFileSync(file, stringify(drill));
    return file;
  }

  async function expectRefusal(message: RegExp, env: Record<string, string> = {}): Promise<void> {
    for (const verb of ['plan', 'drill'] as const) {
      const out = path.join(world.directory, `refused-${runs++}`);
      const args = [verb, busy, '--env', world.environment];
      const { exitCode, stderr } = await world.squall(verb === 'drill' ? [...args, '--out', out] : args, env);
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/Fix: \w/);
      expect(exitCode).toBe(64);
      expect(existsSync(out)).toBe(false);
    }
  }

  function as(change: { token?: string; server?: string }): Record<string, string> {
    const file = path.join(world.directory, `as-${runs++}.kubeconfig`);
    writeKubeconfig(file, adminConfig(), change);
    return { KUBECONFIG: file };
  }

  async function tokenOf(account: string): Promise<string> {
    await kubectl(world.lab.namespace, 'create', 'serviceaccount', account);
    return await kubectl(world.lab.namespace, 'create', 'token', account);
  }

  test('an API server that does not answer', () =>
    expectRefusal(/https:\/\/127\.0\.0\.1:1 cannot be reached/, as({ server: 'https://127.0.0.1:1' })));

  test('a token that is no longer valid, because its account is gone', async () => {
    const token = await tokenOf('squall-test-gone');
    await kubectl(world.lab.namespace, 'delete', 'serviceaccount', 'squall-test-gone');
    await expectRefusal(/does not accept the credentials \(401\)/, as({ token }));
  });

  // The API server issues no token for less than ten minutes, so this one is signed here.
  test.skipIf(!hasSigningKey)('a token that has expired, and would be good if it had not', async () => {
    const uid = await kubectl(
      world.lab.namespace,
      'get',
      'serviceaccount',
      'squall',
      '-o',
      'jsonpath={.metadata.uid}',
    );
    const account = { namespace: world.lab.namespace, name: 'squall', uid };
    const good = await world.squall(
      ['plan', busy, '--env', world.environment],
      as({ token: await signedToken(account, '10m') }),
    );
    expect(good).toMatchObject({ exitCode: 0 });
    await expectRefusal(
      /does not accept the credentials \(401\): the token or certificate has expired/,
      as({ token: await signedToken(account, '-1m') }),
    );
  });

  test('an account without the rights', async () => {
    const token = await tokenOf('squall-test-bare');
    await expectRefusal(new RegExp(`may not .*create stresschaos in ${world.lab.namespace}`), as({ token }));
    await kubectl(world.lab.namespace, 'delete', 'serviceaccount', 'squall-test-bare');
  });

  test.skipIf(!hasBareApiServer)(
    'a cluster without Chaos Mesh, and a Chaos Mesh without the kind of object',
    {
      timeout: 200_000,
    },
    async () => {
      const bare = await startBareApiServer(world.directory);
      try {
        const env = { KUBECONFIG: bare.kubeconfig };
        await expectRefusal(/Chaos Mesh is not installed on https:.*helm install/s, env);
        // The calls with which squall finds out what a dead run has left there.
        const recovered = await world.squall(['recover', '--env', world.environment], env);
        expect(recovered).toMatchObject({
          exitCode: 0,
          stdout: expect.stringContaining('nothing left to undo'),
        });
        await copyDefinition('podchaos.chaos-mesh.org', bare);
        await expectRefusal(/the Chaos Mesh on .* has no StressChaos/, env);
        const load = loadByOperator();
        expect(await world.squall(['plan', ...load], env)).toMatchObject({
          exitCode: 64,
          stderr: expect.stringMatching(
            /k6-operator: it is not installed on https:.* no resource testruns\.k6\.io\n {2}Fix: install .*kubectl apply -f https:/,
          ),
        });
        await copyDefinition('testruns.k6.io', bare);
        expect(await world.squall(['plan', ...load], env)).toMatchObject({ exitCode: 0 });
      } finally {
        await bare.close();
      }
    },
  );

  /** A drill without faults, and an environment in which several runners are its load. */
  function loadByOperator(): string[] {
    const drill = path.join(world.directory, 'quiet.yaml');
    const environment = path.join(world.directory, 'by-operator.yaml');
    const objectives = [{ name: 'answers', throughput: true, atLeast: '1/s', minSamples: 5 }];
    const load = [{ script: LOAD_SCRIPT, vars: { DURATION: '30s' } }];
    writeFileSync(drill, stringify({ name: 'quiet', load, steady: { for: '2s' }, objectives }));
    const { namespace } = world.lab;
    const runners = { runner: 'k6-operator', namespace, parallelism: 2, image: 'grafana/k6:1.8.1' };
    const vars = { BASE_URL: 'http://127.0.0.1:9/' };
    writeFileSync(environment, stringify({ name: 'by-operator', vars, load: runners }));
    return [drill, '--env', environment];
  }

  async function copyDefinition(name: string, to: BareApiServer): Promise<void> {
    const { apiVersion, kind, spec } = JSON.parse(
      await kubectl(world.lab.namespace, 'get', 'crd', name, '-o', 'json'),
    );
    await to.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion, kind, metadata: { name }, spec }));
    // kubectl's own way to wait fails on a definition that has no conditions yet.
    await waitFor(`crd/${name}`, async () => {
      const { status } = JSON.parse(await to.kubectl(['get', 'crd', name, '-o', 'json']));
      const conditions: { type: string; status: string }[] = status?.conditions ?? [];
      return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
    });
  }

  // Nobody can know this beforehand: the object is valid, but the node's kernel lacks what it needs.
  test('a fault that the cluster cannot do is INVALID, in the words of Chaos Mesh', {
    timeout: 200_000,
  }, async () => {
    const fault = { name: 'slow-link', kind: 'latency', component: 'studio-link', params: { delay: '80ms' } };
    const file = drillWith(fault);
    const out = path.join(world.directory, 'slow-link');
    const { exitCode, stdout } = await world.squall([
      'drill',
      file,
      '--env',
      world.environment,
      '--out',
      out,
      '--json',
    ]);
    const verdict = JSON.parse(stdout) as Verdict;
    const [told] = verdict.faults;
    // With netem in the kernel it takes effect.
    if (told?.injectedAt) return expect(told.evidence.join()).toMatch(/Apply succeeded/);
    expect({ exitCode, verdict: verdict.verdict }).toEqual({ exitCode: 2, verdict: 'INVALID' });
    expect(verdict.reasons.join('\n')).toMatch(/Chaos Mesh: Apply failed at .+: .+/);
  });
});
