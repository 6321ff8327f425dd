import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The current context of kubectl, from the first file that it reads; null: there is none. */
export function kubectlContext(env: Readonly<Record<string, string | undefined>>): string | null {
  const file = env.KUBECONFIG?.split(path.delimiter)[0] || path.join(os.homedir(), '.kube', 'config');
  try {
    return /^current-context:\s*["']?([\w@.:/-]+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? null;
  } catch {
    return null;
  }
}
