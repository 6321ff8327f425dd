import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as k8s from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { hasCluster, writeKubeconfig } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { anyK6 } from '../k6.ts';
import { until } from '../survivors.ts';
import { kubectl } from './command-line.ts';
import { cutLink, expectHealed } from './cut-link.ts';
import { type CommandLineLab, createCommandLineLab } from './lab.ts';
import { startRelay } from './relay.ts';

const testable = hasCluster && (await anyK6()) !== null;
const LASTS_S = 12;

describe.skipIf(!testable)('squall loses the cluster while a fault is in', () => {
  let world: CommandLineLab;
  beforeAll(async () => {
    world = await createCommandLineLab();
  });
  afterAll(() => world?.close());

  /** The kubeconfig of the account with the role that ships, with these differences. */
  function kubeconfig(name: string, change: { server?: string; token?: string }): string {
    const file = path.join(world.directory, name);
    const config = new k8s.KubeConfig();
    config.loadFromFile(world.lab.kubeconfig);
    writeKubeconfig(file, config, change);
    return file;
  }

  test('if the API server is away when the fault has to come out, it comes out when the server is back', {
    timeout: 200_000,
  }, async () => {
    const config = new k8s.KubeConfig();
    config.loadFromFile(world.lab.kubeconfig);
    const relay = await startRelay(new URL(config.getCurrentCluster()?.server ?? ''));
    try {
      const env = { KUBECONFIG: kubeconfig('relay.kubeconfig', { server: relay.url }) };
      const run = await cutLink(world, 'away', { lastsS: LASTS_S, env });
      relay.cut();
      const has = (type: string) => () => run.lines().some(({ event }) => event.type === type);
      await until(has('fault-reverting'), 60_000, () => 'squall does not take the fault out');
      // By now the fault's own removal has timed out, and the undo takes over.
      await until(has('fault-end-unproven'), 60_000, () => 'squall does not give up on the fault itself');
      const before = relay.refused();
      await until(
        () => relay.refused() > before + 5,
        30_000,
        () => 'squall does not try again',
      );
      relay.mend();
      const { exitCode, stderr } = await run.running;
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 2 });
      const undone = run.lines().flatMap(({ event }) => (event.type === 'undo-done' ? [event] : []));
      expect(undone.map(({ by }) => by)).not.toContain('guardian');
      await expectHealed(world, run);
    } finally {
      await relay.close();
    }
  });

  // Two minutes, mostly waiting for a helper that never answers, so it is left to a full run.
  test.skipIf(!process.env.SQUALL_FULL)(
    'a login helper that hangs, and Ctrl-C: the run ends and names it, and recover takes the fault out once it answers',
    {
      timeout: 300_000,
    },
    async () => {
      const hang = path.join(world.directory, 'hang');
      const run = await cutLink(world, 'helper', { lastsS: 100, env: { KUBECONFIG: withHelper(hang) } });
      writeFileSync(hang, '');
      run.running.kill('SIGINT');
      const { exitCode, stderr, stdout } = await run.running;
      expect({ exitCode, stderr }).toMatchObject({
        exitCode: 3,
        stderr: expect.stringMatching(
          /the login helper of the kubeconfig \(sh\).*kubectl .*delete networkchaos/s,
        ),
      });
      expect(JSON.parse(stdout)).toMatchObject({ verdict: 'INVALID' });
      expect(await world.lab.residue()).not.toEqual([]);
      rmSync(hang);
      const recovered = await world.squall(['recover'], run.own);
      expect(recovered).toMatchObject({ exitCode: 0 });
      await expectHealed(world, run);
    },
  );

  /** The account's token comes from a program that hangs while a file exists. */
  function withHelper(hang: string): string {
    const config = new k8s.KubeConfig();
    config.loadFromFile(world.lab.kubeconfig);
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      // Expires at once, so the program is asked before each call.
      status: { token: config.getCurrentUser()?.token, expirationTimestamp: '2026-01-01T00:00:00Z' },
    };
    const credentialFile = path.join(world.directory, 'credential.json');
    writeFileSync(credentialFile, JSON.stringify(credential), { mode: 0o600 });
    const script = 'while [ -e "$0" ]; do sleep 0.1; done; cat "$1"';
    const exec = {
      apiVersion: credential.apiVersion,
      command: 'sh',
      args: ['-c', script, hang, credentialFile],
    };
    const file = path.join(world.directory, 'helper.kubeconfig');
    const text = parse(config.exportConfig());
    text.users[0].user = { exec };
    writeFileSync(file, stringify(text), { mode: 0o600 });
    return file;
  }

  // Last, because it takes away the account that the other tests use.
  test('an account that loses its rights: residue with a command, and squall recover once there is a new token', {
    timeout: 300_000,
  }, async () => {
    const { namespace } = world.lab;
    const file = kubeconfig('own.kubeconfig', {});
    const run = await cutLink(world, 'revoked', { lastsS: LASTS_S, env: { KUBECONFIG: file } });
    await kubectl(namespace, 'delete', 'serviceaccount', 'squall');
    const { exitCode, stderr, stdout } = await run.running;
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/kubectl .*delete networkchaos/),
    });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'INVALID' });
    expect(await world.lab.residue()).not.toEqual([]);
    await kubectl(namespace, 'create', 'serviceaccount', 'squall');
    kubeconfig('own.kubeconfig', { token: await kubectl(namespace, 'create', 'token', 'squall') });
    const recovered = await world.squall(['recover'], run.own);
    expect(recovered).toMatchObject({ exitCode: 0 });
    await expectHealed(world, run);
  });
});
