import { homedir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { squallEntry } from '../drill/run-drill.ts';
import { anyK6 } from '../k6.ts';

const root = path.resolve(import.meta.dirname, '../..');
const admin = process.env.KUBECONFIG ?? '';
/** With kubectl in it. */
export const PATH = `${process.env.PATH}:${path.join(homedir(), '.cache', 'squall-cluster', 'bin')}`;

/** `squall …` as somebody with this kubeconfig types them. */
export interface CommandLine {
  /** What a process of squall's needs to know. */
  readonly env: Readonly<Record<string, string>>;
  squall(args: readonly string[], env?: Readonly<Record<string, string>>): ReturnType<typeof start>;
}

/** @param directory what squall remembers between two commands goes below it */
export async function makeCommandLine(kubeconfig: string, directory: string): Promise<CommandLine> {
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
  return { env, squall: (args, more = {}) => start(args, { ...env, ...more }) };
}

/** As the cluster's owner. @returns standard output */
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
    timeout: 240_000,
    stdin: 'ignore',
    forceKillAfterDelay: false,
  });
}
