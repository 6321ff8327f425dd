import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { adminConfig, writeKubeconfig } from '../../chaos/providers/chaos-mesh/fixtures/lab.ts';
import { squallEntry } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** The addresses in chaos/environments/kubernetes.yaml are those of the cluster of ../shared; name another file for another one. */
export const environment = process.env.SQUALL_TEST_ENVIRONMENT ?? 'kubernetes';
export const namespace = 'squall-testbed';
const PATH = `${process.env.PATH}:${path.join(homedir(), '.cache', 'squall-cluster', 'bin')}`;

export interface KubernetesTestbed {
  /** The account of the role that ships, and nothing but that. */
  readonly kubeconfig: string;
  /** Of this test alone; removed with it. */
  readonly directory: string;
  /** What a process of squall's needs to know. */
  readonly env: Readonly<Record<string, string>>;
  /** As the cluster's owner. @returns standard output */
  kubectl(...args: readonly string[]): Promise<string>;
  /** `squall …`, under the role that ships. */
  squall(args: readonly string[], env?: Readonly<Record<string, string>>): ReturnType<typeof start>;
  /** Objects and rules of faults that are there. */
  residue(): Promise<readonly string[]>;
  /** How each ready gateway sees the studio across the link. */
  reaches(): Promise<readonly boolean[]>;
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
  const kubectl = async (...args: readonly string[]) =>
    (
      await execa('kubectl', ['-n', namespace, ...args], {
        env: { KUBECONFIG: admin, PATH },
        stdin: 'ignore',
        timeout: 60_000,
      })
    ).stdout;
  await cluster('up');
  await kubectl('apply', '-f', path.join(root, 'chaos/providers/chaos-mesh/rbac.yaml'));
  const token = await kubectl('create', 'token', 'squall', '--duration=4h');
  writeKubeconfig(kubeconfig, adminConfig(), { token });
  const k6 = await anyK6();
  const env = {
    PATH,
    KUBECONFIG: kubeconfig,
    XDG_STATE_HOME: path.join(directory, 'state'),
    // Pods are reached at their own addresses, whatever proxy this machine has.
    NO_PROXY: '*',
    no_proxy: '*',
    ...(k6 === null ? {} : { K6_BIN: k6.path }),
  };

  return {
    kubeconfig,
    directory,
    env,
    kubectl,
    squall: (args, more = {}) => start(args, { ...env, ...more }),
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
    async reaches() {
      const jsonpath = 'jsonpath={range .items[?(@.status.phase=="Running")]}{.status.podIP}{"\\n"}{end}';
      const addresses = await kubectl('get', 'pods', '-l', 'component=gateway', '-o', jsonpath);
      return await Promise.all(
        addresses
          .split('\n')
          .filter((address) => address !== '')
          .map(async (address) => {
            const page = await execa('curl', [
              '-sS',
              '-m',
              '2',
              '--noproxy',
              '*',
              `http://${address}:9010/-/reach`,
            ]);
            return (JSON.parse(page.stdout) as { reachable: boolean }).reachable;
          }),
      );
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

function start(args: readonly string[], env: Readonly<Record<string, string>>) {
  return execa(process.execPath, [squallEntry, ...args], {
    cwd: root,
    env,
    reject: false,
    timeout: 240_000,
    stdin: 'ignore',
    forceKillAfterDelay: false,
  });
}
