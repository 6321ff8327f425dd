import { readdirSync, readFileSync } from 'node:fs';
import { identify, isStopped } from '../chaos/process-identity.ts';

/** Processes that inherited this environment variable, with pid and command: those that a run started and did not end. Linux only. */
export function survivors(mark: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => carries(pid, mark))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 200)}`);
}

export function isFrozen(pid: number): boolean {
  const identity = identify(pid);
  return identity !== null && isStopped(identity);
}

/** A mark for the processes of one trial, for `survivors`, and as an environment for them to inherit. */
export function markOf(trial: string): { readonly mark: string; readonly env: Record<string, string> } {
  const value = `${process.pid}-${trial}`;
  return { mark: `SQUALL_TRIAL=${value}`, env: { SQUALL_TRIAL: value } };
}

/** Waits until a condition holds. @throws with the text of `describe` if it does not */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  describe: () => string,
): Promise<number> {
  const from = Date.now();
  while (!(await condition())) {
    if (Date.now() - from > timeoutMs) throw new Error(`not within ${timeoutMs} ms: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  return Date.now() - from;
}

function carries(pid: string, mark: string): boolean {
  // A zombie has an empty environment: it has ended.
  return read(`/proc/${pid}/environ`).split('\0').includes(mark);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
