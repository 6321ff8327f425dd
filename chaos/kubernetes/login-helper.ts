import type { Cluster, KubeConfig } from '@kubernetes/client-node';
import { execa } from 'execa';
import { deadline } from '../deadline.ts';
import { refuse } from './errors.ts';

/** The program that a kubeconfig asks for credentials (`exec:`), e.g. `aws eks get-token`. */
export interface LoginHelper {
  /** The message of a call that waited for it in vain. */
  overdue(doing: string): Error;
  /** Its credentials are no longer valid: the next call asks it again. */
  forget(): void;
}

interface Exec {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly provideClusterInfo?: boolean;
}
interface Credential {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  readonly expirationTimestamp?: string | null;
}

const NAME = 'squall-login-helper';
const EXEC_INFO = 'KUBERNETES_EXEC_INFO';
const TIMEOUT_MS = 15_000;

/**
 * Runs the current user's login helper, if there is one, in the client's place. The client never ends one that hangs, and starts one
 * for each request when the credentials come without an expiry; kubectl keeps those as long as it lives.
 */
export function adoptLoginHelper(config: KubeConfig): LoginHelper | undefined {
  const current = config.getCurrentUser();
  const exec: Exec | undefined = current?.exec;
  if (current == null || !exec?.command) return undefined;
  // Its own ways come first, and would take an `exec`.
  config.users = config.users.map((user) =>
    user.name === current.name
      ? { ...user, exec: undefined, authProvider: { name: NAME, config: exec } }
      : user,
  );
  const info = execInfo(exec, config.getCurrentCluster());
  let kept: Credential | undefined;
  let asking: Promise<Credential> | undefined;
  config.addAuthenticator({
    isAuthProvider: (user) => user.authProvider?.name === NAME,
    async applyAuthentication(_user, options) {
      const credential = kept !== undefined && holds(kept) ? kept : await askOnce();
      if (credential.clientCertificateData) options.cert = credential.clientCertificateData;
      if (credential.clientKeyData) options.key = credential.clientKeyData;
      if (credential.token) {
        options.headers = { ...options.headers, Authorization: `Bearer ${credential.token}` };
      }
    },
  });
  return {
    overdue: (doing) => failed(exec.command, `did not end in time, so squall cannot ${doing}`),
    forget() {
      kept = undefined;
    },
  };

  /** Calls that come while it runs wait for the same answer. */
  async function askOnce(): Promise<Credential> {
    asking ??= ask(exec as Exec, info).finally(() => {
      asking = undefined;
    });
    kept = await asking;
    return kept;
  }
}

/** What kubectl tells a helper in its environment, and some (Azure's) do not work without. */
function execInfo({ apiVersion, provideClusterInfo }: Exec, cluster: Cluster | null): string {
  const about = {
    server: cluster?.server,
    'tls-server-name': cluster?.tlsServerName,
    'insecure-skip-tls-verify': cluster?.skipTLSVerify,
    'certificate-authority-data': cluster?.caData,
    'proxy-url': cluster?.proxyUrl,
  };
  const spec = { interactive: false, ...(provideClusterInfo && { cluster: about }) };
  return JSON.stringify({ apiVersion, kind: 'ExecCredential', spec });
}

function holds({ expirationTimestamp }: Credential): boolean {
  return !expirationTimestamp || Date.parse(expirationTimestamp) > Date.now();
}

/** Ends the helper with squall, and when its time is up. Its arguments may hold a secret, so no message has them. */
async function ask({ command, args, env }: Exec, info: string): Promise<Credential> {
  const ended = await execa(command, args ?? [], {
    // Nobody types anything into it: a prompt is to fail, and not to wait.
    stdin: 'ignore',
    reject: false,
    cancelSignal: deadline(TIMEOUT_MS),
    env: { ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])), [EXEC_INFO]: info },
  });
  if (ended.failed) {
    const why = ended.code ?? ended.signal ?? `exit code ${ended.exitCode}`;
    throw failed(command, `failed (${why}): ${ended.stderr.trim().slice(-500)}`);
  }
  try {
    const { status } = JSON.parse(ended.stdout) as { status?: Credential };
    if (status) return status;
  } catch {
    // The output is not quoted: it may hold a token.
  }
  throw failed(command, 'printed no credentials');
}

function failed(command: string, what: string): Error {
  return refuse(
    `the login helper of the kubeconfig (${command}) ${what}`,
    'run it by hand, with the arguments that the kubeconfig gives it: it may want somebody to log in',
  );
}
