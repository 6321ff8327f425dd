import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { waitAtMost } from '../clock.ts';
import { entryPoint } from '../package.ts';
import type { ToWatch } from './messages.ts';
import { type MachineSecond, machineSecond } from './reading.ts';

/** The process that watches this machine. */
export interface MachineWatch {
  readonly pid: number;
  watch(processes: ToWatch): void;
  /** Resolves when it has ended, with its last line heard. Idempotent. */
  close(): Promise<void>;
}

export interface MachineWatchOptions {
  readonly onSecond: (second: MachineSecond) => void;
  /** It ended before it was told to: the rest of the run has no readings. */
  readonly onLost: () => void;
}

const CLOSE_MS = 5_000;

/** In a session of its own, so that Ctrl-C does not reach it. It ends by itself when this process does. @throws when it does not start */
export function watchMachine({ onSecond, onLost }: MachineWatchOptions): MachineWatch {
  const entry = entryPoint('orchestrator/machine/process');
  const child = spawn(process.execPath, [entry], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
  // Without a listener this event would end the process; that there is no pid says the same.
  child.on('error', () => {});
  const { pid, stdin, stdout } = child;
  if (pid === undefined) throw new Error(`the process that watches the machine did not start (${entry})`);
  let closing = false;
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void ended.then(() => closing || onLost());
  // A broken pipe is noticed as the child's end.
  stdin.on('error', () => {});
  createInterface({ input: stdout }).on('line', (line) => {
    const second = secondIn(line);
    if (second !== null) onSecond(second);
  });
  return {
    pid,
    watch: (processes) => void stdin.write(`${JSON.stringify(processes)}\n`),
    async close() {
      closing = true;
      stdin.end();
      await waitAtMost(CLOSE_MS, ended);
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Null for any other output, such as a warning from Node. */
function secondIn(line: string): MachineSecond | null {
  try {
    return machineSecond.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
