import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { adminConfig, writeKubeconfig } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { freePorts } from '../free-port.ts';
import { until } from '../survivors.ts';
import { PATH } from './command-line.ts';

const program = path.join(homedir(), '.cache', 'squall-cluster', 'bin', 'kube-apiserver');
const pki = path.join(path.dirname(process.env.KUBECONFIG ?? ''), 'pki');
const etcd = 'http://127.0.0.1:12379';

/** A second API server can be started if the cluster is the one in ../shared: its program, keys and etcd are at hand. */
export const hasBareApiServer = existsSync(program) && existsSync(path.join(pki, 'sa.key'));

/** A cluster with nothing in it, not even Chaos Mesh. */
export interface BareApiServer {
  /** For its administrator, who is the shared cluster's, too. */
  readonly kubeconfig: string;
  kubectl(args: readonly string[], input?: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * A real API server that shares etcd with the cluster's own and sees none of its data, because its keys have another prefix. So a
 * test can lack something without taking it away from the cluster that other tests use. What it stores goes away with the cluster.
 */
export async function startBareApiServer(directory: string): Promise<BareApiServer> {
  const [port = 0] = await freePorts(1);
  const log = path.join(directory, 'bare-api-server.log');
  const out = openSync(log, 'a');
  const child = spawn(
    program,
    [
      `--etcd-servers=${etcd}`,
      `--etcd-prefix=/squall-bare-${process.pid}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--endpoint-reconciler-type=none',
      '--service-cluster-ip-range=10.79.0.0/24',
      '--authorization-mode=AlwaysAllow',
      `--client-ca-file=${pki}/ca.crt`,
      `--tls-cert-file=${pki}/apiserver.crt`,
      `--tls-private-key-file=${pki}/apiserver.key`,
      '--service-account-issuer=https://bare.invalid',
      `--service-account-key-file=${pki}/sa.pub`,
      `--service-account-signing-key-file=${pki}/sa.key`,
    ],
    { stdio: ['ignore', out, out] },
  );
  const ended = once(child, 'exit');
  const kubeconfig = path.join(directory, 'bare.kubeconfig');
  writeKubeconfig(kubeconfig, adminConfig(), { server: `https://127.0.0.1:${port}` });
  const kubectl = async (args: readonly string[], input = '') =>
    (await execa('kubectl', ['--kubeconfig', kubeconfig, ...args], { input, env: { PATH }, timeout: 30_000 }))
      .stdout;
  async function close(): Promise<void> {
    // Otherwise it waits for open watches, and there is nothing in it to keep.
    child.kill('SIGKILL');
    await ended;
  }
  const isReady = () =>
    kubectl(['get', '--raw', '/readyz']).then(
      () => true,
      () => false,
    );
  await until(isReady, 60_000, () => `the second API server is not ready: see ${log}`).catch(
    async (error) => {
      await close();
      throw error;
    },
  );
  return { kubeconfig, kubectl, close };
}
