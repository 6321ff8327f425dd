import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { adminConfig, writeKubeconfig } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { type CommandLine, kubectl as kubectlIn, makeCommandLine, PATH } from './command-line.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** The addresses in chaos/environments/kubernetes.yaml are those of the cluster in ../shared; another cluster needs another file. */
export const environment = process.env.SQUALL_TEST_ENVIRONMENT ?? 'kubernetes';
export const namespace = 'squall-testbed';

/** Its commands run under the account with the role that ships, and no other. */
export interface KubernetesTestbed extends CommandLine {
  /** For this test only; removed at its end. */
  readonly directory: string;
  /** Objects and rules of faults that exist. */
  residue(): Promise<readonly string[]>;
  down(): Promise<void>;
}

export async function startKubernetesTestbed(): Promise<KubernetesTestbed> {
  const directory = mkdtempSync(path.join(tmpdir(), 'squall-kubernetes-'));
  const kubeconfig = path.join(directory, 'kubeconfig');
  const admin = process.env.KUBECONFIG ?? '';
  const cluster = (verb: string) =>
    execa('bash', ['testbed/deploy/cluster.sh', verb], {
      cwd: root,
      env: { KUBECONFIG: admin, PATH },
      stdin: 'ignore',
      timeout: 300_000,
    });
  const kubectl = (...args: readonly string[]) => kubectlIn(namespace, ...args);
  await cluster('up');
  await kubectl('apply', '-f', path.join(root, 'chaos/providers/chaos-mesh/rbac.yaml'));
  const token = await kubectl('create', 'token', 'squall', '--duration=4h');
  writeKubeconfig(kubeconfig, adminConfig(), { token });

  return {
    ...(await makeCommandLine(kubeconfig, directory)),
    directory,
    async residue() {
      const faults = 'podchaos,networkchaos,stresschaos,iochaos,dnschaos,httpchaos,timechaos';
      const objects = (await kubectl('get', faults, '-o', 'name')).split('\n').filter((name) => name !== '');
      const pods = JSON.parse(await kubectl('get', 'podnetworkchaos,podiochaos,podhttpchaos', '-o', 'json'));
      const rules = (pods.items as PodChaosItem[])
        .filter(({ spec }) =>
          Object.values(spec ?? {}).some((list) => Array.isArray(list) && list.length > 0),
        )
        .map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      return [...objects, ...rules];
    },
    async down() {
      rmSync(directory, { recursive: true, force: true });
      await cluster('down');
    },
  };
}

interface PodChaosItem {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: Readonly<Record<string, unknown>>;
}
