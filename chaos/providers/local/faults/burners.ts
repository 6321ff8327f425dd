import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../../package-root.ts';
import { ProviderError } from '../../../prepared-fault.ts';
import { identify, type ProcessIdentity, signalIfSame } from '../../../process-identity.ts';
import type { BurnerTask } from './stress-worker.ts';

const WORKER = 'stress-worker.js';

export interface Burner {
  readonly task: BurnerTask;
  readonly identity: ProcessIdentity;
  /** When it ended, by itself or not. */
  readonly endedAt: () => number | undefined;
  go(): void;
  end(): void;
}

/** Starts burners that wait; all or none. They end by themselves when this process dies: their standard input ends with it. */
export async function startBurners(tasks: readonly BurnerTask[], signal: AbortSignal): Promise<Burner[]> {
  const started = await Promise.allSettled(tasks.map((task) => startBurner(task, signal)));
  const burners = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failure = started.find((one) => one.status === 'rejected');
  if (failure === undefined) return burners;
  for (const burner of burners) burner.end();
  throw new ProviderError(`a burner did not start: ${(failure.reason as Error).message}`, {
    cause: failure.reason,
    fix: 'compile squall (npm run build), and see that a process can be started here',
  });
}

async function startBurner(task: BurnerTask, signal: AbortSignal): Promise<Burner> {
  signal.throwIfAborted();
  const worker = path.join(packageRoot(), 'dist', 'chaos', 'providers', 'local', 'faults', WORKER);
  const child = spawn(process.execPath, [worker, JSON.stringify(task)], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {},
  });
  let endedAt: number | undefined;
  child.once('exit', () => {
    endedAt = Date.now();
  });
  child.stdin.on('error', () => {}); // Its end is seen by `exit`; writing to it then is no error.
  try {
    await readyOf(child, signal);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const identity = identify(child.pid ?? 0);
  if (identity === null) throw new Error('it ended at once');
  return {
    task,
    identity,
    endedAt: () => endedAt,
    go: () => void child.stdin.write('go\n'),
    end: () => void signalIfSame(identity, 'SIGKILL'),
  };
}

/** By its command line. One that is ending has none any more, and other systems than Linux are not asked. */
export function mayBeBurner(pid: number): boolean {
  const words = argumentsOf(pid);
  return words.length === 0 || words.some((word) => path.basename(word) === WORKER);
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  } catch {
    return [];
  }
}

function readyOf(child: ChildProcess, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (error?: Error) => {
      signal.removeEventListener('abort', aborted);
      if (error === undefined) resolve();
      else reject(error);
    };
    const aborted = () => give(new Error('it took too long'));
    signal.addEventListener('abort', aborted, { once: true });
    child.stdout?.once('data', () => give());
    child.once('error', give);
    child.once('exit', (code, ended) => give(new Error(`it ended with ${code ?? ended}`)));
  });
}
