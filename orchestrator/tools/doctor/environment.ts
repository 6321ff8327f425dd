import { execa } from 'execa';
import { loadEnvironment } from '../../../chaos/definitions/load-environment.ts';
import type { Environment } from '../../../chaos/schema/environment.ts';
import { testbed } from '../../run/testbed.ts';
import { onPath } from '../on-path.ts';
import { portsOf, unusablePorts } from '../unusable-ports.ts';
import type { DoctorCheck } from './check.ts';

/** An environment (`local`, unless another is named), as far as it can be seen from here, and a cluster, if there is one. */
export async function checkEnvironment(where: {
  cwd: string;
  env: NodeJS.ProcessEnv;
  environment?: string | undefined;
  isKept?: ((address: string) => boolean) | undefined;
}): Promise<DoctorCheck[]> {
  return Promise.all([checkOne(where), checkCluster(where)]);
}

async function checkOne({
  cwd,
  environment,
  isKept = () => false,
}: Omit<Parameters<typeof checkEnvironment>[0], 'env'>): Promise<DoctorCheck> {
  const name = `environment ${environment ?? 'local'}`;
  // Whoever names one wants to use it.
  const onlyFor = environment === undefined ? { onlyFor: 'drills without --env' } : {};
  let local: Environment;
  try {
    local = (await loadEnvironment(environment ?? 'local', cwd)).value;
  } catch (error) {
    const fix = error instanceof Error ? error.message : String(error);
    return { name, ok: false, found: 'cannot be used', fix, ...onlyFor };
  }
  const up = local.testbed !== undefined && (await testbed(local.testbed, 'status', cwd)).ok;
  const own = portsOf(local, { targets: false });
  const all = portsOf(local, { targets: local.testbed !== undefined && !up });
  const unusable = await unusablePorts(all.filter((address) => !isKept(address)));
  const taken = unusable.filter(({ kind }) => kind === 'taken').map(({ address }) => address);
  // The testbed may be started by somebody who has the right.
  const forbidden = unusable.filter(({ kind, address }) => kind === 'forbidden' && own.includes(address));
  return {
    name,
    ok: taken.length + forbidden.length === 0,
    found: [
      state(local, up),
      ...(taken.length === 0 ? [] : [`in use by another program: ${taken.join(', ')}`]),
      ...forbidden.map(({ address, why }) => `${address}: ${why}`),
    ].join('; '),
    fix: [...(taken.length === 0 ? [] : [END_IT]), ...new Set(forbidden.map(({ fix }) => fix))].join('\n'),
    ...onlyFor,
  };
}

const END_IT =
  'end what listens there (ss -ltnp shows it); if a drill left it: squall recover; if a testbed: squall testbed down';

function state(local: Environment, up: boolean): string {
  if (local.testbed === undefined) return 'has no testbed to start';
  return up ? 'the testbed is up' : 'the testbed is down; a drill starts it';
}

async function checkCluster({ env }: { env: NodeJS.ProcessEnv }): Promise<DoctorCheck> {
  const check = { name: 'Kubernetes', onlyFor: 'components on a cluster' };
  const kubectl = await onPath('kubectl', env);
  if (kubectl === null)
    return { ...check, ok: false, found: 'no kubectl', fix: 'https://kubernetes.io/docs/tasks/tools/' };
  const { exitCode, stdout, stderr } = await execa(
    kubectl,
    ['get', '--raw', '/version', '--request-timeout=3s'],
    {
      env,
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      timeout: 10_000,
    },
  );
  if (exitCode === 0)
    return { ...check, ok: true, found: `reachable, ${gitVersion(stdout)} (${kubectl})`, fix: '' };
  const why = stderr.trim().split('\n').at(-1) ?? '';
  return { ...check, ok: false, found: 'no cluster answers', fix: `set KUBECONFIG or a context: ${why}` };
}

function gitVersion(json: string): string {
  return /"gitVersion":\s*"([^"]+)"/.exec(json)?.[1] ?? 'version unknown';
}
