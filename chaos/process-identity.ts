import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * A process that cannot be mistaken for a later one with the same pid, unless both began within one tick of the kernel (10 ms),
 * which is too short for the pid counter to wrap around. `start` is opaque: compare it, nothing else.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly start: string;
}

/** The identity of a live process; null when there is none. A zombie has ended, and only waits for its parent. */
export function identify(pid: number): ProcessIdentity | null {
  const found = stateOf(pid);
  return found === null || found.state === 'Z' || found.state === 'X' ? null : { pid, start: found.start };
}

export function isSame(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.start === b.start;
}

/** Did both begin since the same start of the machine? False where the system does not say. */
export function isSameBoot(a: ProcessIdentity, b: ProcessIdentity): boolean {
  const [one, other] = [a, b].map(({ start }) => start.slice(0, start.lastIndexOf(':')));
  return process.platform === 'linux' && one === other;
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.start === identity.start;
}

/** Is it stopped by a signal (state T)? False for a process that is gone. */
export function isStopped(identity: ProcessIdentity): boolean {
  const found = stateOf(identity.pid);
  return found !== null && found.start === identity.start && found.state === 'T';
}

/** As `isStopped`, for each of its threads: a stop reaches them one after the other. */
export function isStoppedWhole(identity: ProcessIdentity): boolean {
  if (!isStopped(identity)) return false;
  return process.platform !== 'linux' || threadStates(identity.pid).every((state) => 'TZX'.includes(state));
}

/**
 * Signals the process (or, with `group`, its process group) only while it is still the same one. Between the check and the
 * signal a few microseconds remain in which the pid could be reused; Node has no pidfd to close that gap.
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

/** What proc_pid_stat(5) says about one process. */
export interface ProcessStat extends ProcessIdentity {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Processor time of all threads so far, in ticks of 10 ms. */
  readonly cpuTicks: number;
}

/** Parses the text of /proc/<pid>/stat. The name in brackets may itself hold blanks and brackets. Null for anything else. */
export function parseStat(pid: number, stat: string): ProcessStat | null {
  const end = stat.lastIndexOf(')');
  if (end < 0) return null;
  const fields = stat.slice(end + 2).split(' ');
  return {
    pid,
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    start: `${bootId()}:${fields[19] ?? ''}`,
  };
}

interface ProcessState {
  readonly state: string;
  readonly start: string;
}

/** A main thread may end before the others do: then it is a zombie, and the process is not. */
function stateOf(pid: number): ProcessState | null {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  if (process.platform !== 'linux') return readPs(pid);
  const found = readStat(`/proc/${pid}/stat`, pid);
  if (found?.state !== 'Z') return found;
  const live = threadStates(pid).find((state) => !'ZX'.includes(state));
  return live === undefined ? found : { ...found, state: live };
}

function threadStates(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap(
      (thread) => readStat(`/proc/${pid}/task/${thread}/stat`, pid)?.state ?? [],
    );
  } catch {
    return [];
  }
}

function readStat(file: string, pid: number): ProcessStat | null {
  try {
    return parseStat(pid, readFileSync(file, 'latin1'));
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
