import { homedir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { squallEntry } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** A drill that waits for an autoscaler to take its replicas away again. */
const LONGEST_MS = 600_000;
const admin = process.env.KUBECONFIG ?? '';
/** A PATH with kubectl in it. */
export const PATH = `${process.env.PATH}:${path.join(homedir(), '.cache', 'squall-cluster', 'bin')}`;

/** `squall …` as somebody with this kubeconfig would type it. */
export interface CommandLine {
  /** The environment of a squall process. */
  readonly env: Readonly<Record<string, string>>;
  squall(args: readonly string[], env?: Readonly<Record<string, string>>): ReturnType<typeof start>;
}

/** @param directory where squall keeps what it remembers between two commands */
export async function makeCommandLine(kubeconfig: string, directory: string): Promise<CommandLine> {
  const k6 = await anyK6();
  const env = {
    PATH,
    KUBECONFIG: kubeconfig,
    XDG_STATE_HOME: path.join(directory, 'state'),
    // Pods are reached at their own addresses, not through a proxy that this machine may have.
    NO_PROXY: '*',
    no_proxy: '*',
    ...(k6 === null ? {} : { K6_BIN: k6.path }),
  };
  return { env, squall: (args, more = {}) => start(args, { ...env, ...more }) };
}

/** Runs as the cluster's owner. @returns standard output */
export async function kubectl(namespace: string, ...args: readonly string[]): Promise<string> {
  const env = { KUBECONFIG: admin, PATH };
  const { stdout } = await execa('kubectl', ['-n', namespace, ...args], {
    env,
    stdin: 'ignore',
    timeout: 60_000,
  });
  return stdout;
}
function start(args: readonly string[], env: Readonly<Record<string, string>>) {
  return execa(process.execPath, [squallEntry, ...args], {
    cwd: root,
    env,
    reject: false,
    timeout: LONGEST_MS,
    stdin: 'ignore',
    forceKillAfterDelay: false,
  });
}
