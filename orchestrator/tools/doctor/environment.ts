import net from 'node:net';
import { execa } from 'execa';
import { loadEnvironment } from '../../../chaos/definitions/load-environment.ts';
import type { Environment } from '../../../chaos/schema/environment.ts';
import { testbed } from '../../run/testbed.ts';
import { onPath } from '../on-path.ts';
import type { DoctorCheck } from './check.ts';

/** The environment `local`, as far as it can be seen from here, and a cluster, if there is one. */
export async function checkEnvironment(where: {
  cwd: string;
  env: NodeJS.ProcessEnv;
}): Promise<DoctorCheck[]> {
  return Promise.all([checkLocal(where), checkCluster(where)]);
}

async function checkLocal({ cwd }: { cwd: string }): Promise<DoctorCheck> {
  const name = 'environment local';
  let local: Environment;
  try {
    local = (await loadEnvironment('local', cwd)).value;
  } catch (error) {
    const fix = error instanceof Error ? error.message : String(error);
    return { name, ok: false, found: 'cannot be used', fix, onlyFor: 'drills without --env' };
  }
  const up = local.testbed !== undefined && (await testbed(local.testbed, 'status', cwd)).ok;
  const taken = await takenPorts(portsOf(local, { targets: local.testbed !== undefined && !up }));
  return {
    name,
    ok: taken.length === 0,
    found: `${state(local, up)}${taken.length === 0 ? '' : `; in use by another program: ${taken.join(', ')}`}`,
    fix: 'end what listens there (ss -ltnp shows it); if a drill left it: squall recover; if a testbed: squall testbed down',
    onlyFor: 'drills without --env',
  };
}

function state(local: Environment, up: boolean): string {
  if (local.testbed === undefined) return 'has no testbed to start';
  return up ? 'the testbed is up' : 'the testbed is down; a drill starts it';
}

/** Where a drill will listen; with `targets` also where its testbed will, as far as the variables say. */
export function portsOf(local: Environment, { targets }: { targets: boolean }): string[] {
  const found = new Set<string>();
  walk(local, (key, value) => {
    if (key === 'listen' && !value.endsWith(':0')) found.add(value);
  });
  for (const value of targets ? Object.values(local.vars) : []) {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (url?.port && /^(127\.|localhost$|\[::1\])/.test(url.hostname)) found.add(url.host);
  }
  return [...found];
}

function walk(node: unknown, visit: (key: string, value: string) => void): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'string') visit(key, value);
    else walk(value, visit);
  }
}

async function takenPorts(addresses: string[]): Promise<string[]> {
  const taken = await Promise.all(addresses.map(isTaken));
  return addresses.filter((_, index) => taken[index]);
}

/** Only "in use" counts: an address that this machine does not have, say, is for `validate` and the drill to refuse. */
function isTaken(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'));
    server.listen({ host, port: Number(address.slice(colon + 1)), exclusive: true }, () =>
      server.close(() => resolve(false)),
    );
  });
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
