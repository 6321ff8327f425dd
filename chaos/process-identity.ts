import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A process that cannot be mistaken for a later one with the same pid, unless both began within one tick of the kernel (10 ms),
 * in which no counter of pids comes round. `start` is opaque: compare it, nothing else.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly start: string;
}

/** The identity of a live process; null when there is none. A zombie has ended: it only waits for its parent. */
export function identify(pid: number): ProcessIdentity | null {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  const found = process.platform === 'linux' ? readStat(pid) : readPs(pid);
  return found === null || found.state === 'Z' || found.state === 'X' ? null : { pid, start: found.start };
}

export function isSame(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.start === b.start;
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.start === identity.start;
}

/** Is it stopped by a signal (state T)? False for a process that is gone. */
export function isStopped(identity: ProcessIdentity): boolean {
  const found = process.platform === 'linux' ? readStat(identity.pid) : readPs(identity.pid);
  return found !== null && found.start === identity.start && found.state === 'T';
}

/**
 * Signals the process (or, with `group`, its process group) only while it is still the same one. Between the look and the
 * signal remain some microseconds in which a pid could change hands; Node has no pidfd to close them.
 * @returns false when the process was already gone.
 */
export function signalIfSame(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  options: { group?: boolean } = {},
): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(options.group ? -identity.pid : identity.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Shell text that runs `command` only while the pid still is that process: the undo that a person types as a last resort. */
export function guardedCommand({ pid, start }: ProcessIdentity, command: string): string {
  const look =
    process.platform === 'linux'
      ? `$(cat /proc/sys/kernel/random/boot_id):$(sed 's/.*) //' /proc/${pid}/stat 2>/dev/null | cut -d' ' -f20)`
      : `$(ps -o lstart= -p ${pid} | sed 's/ *$//')`;
  return `if [ "${look}" = '${start}' ]; then ${command}; fi`;
}

interface ProcessState {
  readonly state: string;
  readonly start: string;
}

/** Fields 3 (state) and 22 (start, in ticks since boot) of proc_pid_stat(5); the name before them may hold blanks and brackets. */
function readStat(pid: number): ProcessState | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: `${bootId()}:${fields[19] ?? ''}` };
  } catch {
    return null;
  }
}

let boot: string | undefined;
function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return boot;
}

function readPs(pid: number): ProcessState | null {
  try {
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' ? null : { state: line.charAt(0), start: line.slice(line.indexOf(' ') + 1).trim() };
  } catch {
    return null;
  }
}
