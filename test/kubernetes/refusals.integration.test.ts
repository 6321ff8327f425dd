import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { adminConfig, hasCluster, writeKubeconfig } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { anyK6 } from '../k6.ts';
import { until } from '../survivors.ts';
import { type KubernetesTestbed, namespace, startKubernetesTestbed } from './testbed.ts';

const testable = hasCluster && (await anyK6()) !== null;

describe.skipIf(!testable)('what a cluster lacks is said before anything is touched (exit 64)', () => {
  let testbed: KubernetesTestbed;
  let environment: string;
  let runs = 0;
  beforeAll(async () => {
    testbed = await startKubernetesTestbed();
    // Without its `testbed`, which other credentials could not look at.
    const { testbed: _, ...rest } = parse(readFileSync('chaos/environments/kubernetes.yaml', 'utf8'));
    environment = path.join(testbed.directory, 'kubernetes.yaml');
    writeFileSync(environment, stringify(rest));
  }, 400_000);
  afterAll(() => testbed?.down(), 200_000);
  afterEach(async () => expect(await testbed.residue()).toEqual([]));

  async function expectRefusal(message: RegExp, env: Record<string, string> = {}): Promise<void> {
    for (const verb of ['plan', 'drill'] as const) {
      const out = path.join(testbed.directory, `refused-${runs++}`);
      const args = [verb, 'chaos/drills/stress.yaml', '--env', environment];
      const { exitCode, stderr } = await testbed.squall(
        verb === 'drill' ? [...args, '--out', out] : args,
        env,
      );
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/Fix: \w/);
      expect(exitCode).toBe(64);
      expect(existsSync(out)).toBe(false);
    }
  }

  function as(change: { token?: string; server?: string }): Record<string, string> {
    const file = path.join(testbed.directory, `as-${runs++}.kubeconfig`);
    writeKubeconfig(file, adminConfig(), change);
    return { KUBECONFIG: file };
  }

  async function tokenOf(account: string): Promise<string> {
    await testbed.kubectl('create', 'serviceaccount', account);
    return await testbed.kubectl('create', 'token', account);
  }

  test('an API server that does not answer', () =>
    expectRefusal(/https:\/\/127\.0\.0\.1:1 cannot be reached/, as({ server: 'https://127.0.0.1:1' })));

  test('a token that is valid no more (its account is gone: a token expires after ten minutes at the earliest)', async () => {
    const token = await tokenOf('squall-test-gone');
    await testbed.kubectl('delete', 'serviceaccount', 'squall-test-gone');
    await expectRefusal(/does not accept the credentials \(401\)/, as({ token }));
  });

  test('an account without the rights', async () => {
    const token = await tokenOf('squall-test-bare');
    await expectRefusal(new RegExp(`may not .*create stresschaos in ${namespace}`), as({ token }));
    await testbed.kubectl('delete', 'serviceaccount', 'squall-test-bare');
  });

  test('a Chaos Mesh without the kind of object (its definition is there and not served)', async () => {
    const serve = (served: boolean) =>
      testbed.kubectl(
        ...['patch', 'crd', 'stresschaos.chaos-mesh.org', '--type=json'],
        ...['-p', JSON.stringify([{ op: 'replace', path: '/spec/versions/0/served', value: served }])],
      );
    const isServed = async () =>
      (await testbed.kubectl('get', '--raw', '/apis/chaos-mesh.org/v1alpha1')).includes('"StressChaos"');
    await serve(false);
    try {
      await until(
        async () => !(await isServed()),
        30_000,
        () => 'StressChaos is still served',
      );
      await expectRefusal(/the Chaos Mesh on .* has no StressChaos/);
    } finally {
      await serve(true);
      await until(isServed, 30_000, () => 'StressChaos is not served again');
    }
  });
});
