import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { adminConfig, writeKubeconfig } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { type BareApiServer, hasBareApiServer, startBareApiServer } from './bare-api-server.ts';
import { hasSigningKey, signedToken } from './signed-token.ts';
import { type KubernetesTestbed, namespace } from './testbed.ts';

export function describeRefusals(shared: () => KubernetesTestbed): void {
  describe('what a cluster lacks is said before anything is touched (exit 64)', () => {
    let testbed: KubernetesTestbed;
    let environment: string;
    let runs = 0;
    beforeAll(() => {
      testbed = shared();
      // Without its `testbed`, which other credentials could not look at.
      const { testbed: _, ...rest } = parse(readFileSync('chaos/environments/kubernetes.yaml', 'utf8'));
      environment = path.join(testbed.directory, 'kubernetes.yaml');
      writeFileSync(environment, stringify(rest));
    });

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

    test('a token that is valid no more, since its account is gone', async () => {
      const token = await tokenOf('squall-test-gone');
      await testbed.kubectl('delete', 'serviceaccount', 'squall-test-gone');
      await expectRefusal(/does not accept the credentials \(401\)/, as({ token }));
    });

    // The API server issues none for less than ten minutes, so this one is signed here.
    test.skipIf(!hasSigningKey)('a token that has expired, and would be good if it had not', async () => {
      const uid = await testbed.kubectl('get', 'serviceaccount', 'squall', '-o', 'jsonpath={.metadata.uid}');
      const account = { namespace, name: 'squall', uid };
      const good = await testbed.squall(
        ['plan', 'chaos/drills/stress.yaml', '--env', environment],
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
      await expectRefusal(new RegExp(`may not .*create stresschaos in ${namespace}`), as({ token }));
      await testbed.kubectl('delete', 'serviceaccount', 'squall-test-bare');
    });

    test.skipIf(!hasBareApiServer)(
      'a cluster without Chaos Mesh, and a Chaos Mesh without the kind of object',
      {
        timeout: 200_000,
      },
      async () => {
        const bare = await startBareApiServer(testbed.directory);
        try {
          const env = { KUBECONFIG: bare.kubeconfig };
          await expectRefusal(/Chaos Mesh is not installed on https:.*helm install/s, env);
          // What squall asks to find out what a dead run has left there.
          const recovered = await testbed.squall(['recover', '--env', environment], env);
          expect(recovered).toMatchObject({
            exitCode: 0,
            stdout: expect.stringContaining('nothing to recover'),
          });
          await copyDefinition('podchaos.chaos-mesh.org', bare);
          await expectRefusal(/the Chaos Mesh on .* has no StressChaos/, env);
        } finally {
          await bare.close();
        }
      },
    );

    async function copyDefinition(name: string, to: BareApiServer): Promise<void> {
      const { apiVersion, kind, spec } = JSON.parse(await testbed.kubectl('get', 'crd', name, '-o', 'json'));
      await to.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion, kind, metadata: { name }, spec }));
      await to.kubectl(['wait', '--for=condition=Established', `crd/${name}`]);
    }
  });
}
