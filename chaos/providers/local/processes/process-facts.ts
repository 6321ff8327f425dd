import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { identify, isAlive, type ProcessIdentity } from '../../../process-identity.ts';

/** The kernel gives no higher one (PID_MAX_LIMIT). */
const MAX_PID = 4_194_304;

/** A process in an undo record or a target. Pid 1 and its like are never ours to touch. */
export const processIdentity = z.object({
  pid: z.int().min(2).max(MAX_PID),
  start: z.string().min(1).max(200),
});

/** A later process may have this pid, and so may the one that undoes what an earlier one did. */
export function isThisProcess(identity: ProcessIdentity): boolean {
  return identity.pid === process.pid && isAlive(identity);
}

/** Facts about processes beyond their identity: from /proc on Linux, from `ps` elsewhere. */
export function parentOf(pid: number): number | undefined {
  const text = process.platform === 'linux' ? fieldOf(pid, 'PPid') : ps(pid, 'ppid=');
  return text === undefined ? undefined : Number(text);
}

/** The words of its command line; none for a process of the kernel, or one that is gone. */
export function argumentsOf(pid: number): string[] {
  if (process.platform !== 'linux') return (ps(pid, 'command=') ?? '').split(' ').filter(Boolean);
  return textOf(`/proc/${pid}/cmdline`).split('\0').filter(Boolean);
}

/** The user that the process runs as; undefined if not known. */
export function userOf(pid: number): number | undefined {
  const text = process.platform === 'linux' ? fieldOf(pid, 'Uid') : ps(pid, 'ruid=');
  return text === undefined || text === '' ? undefined : Number(text);
}

/**
 * Whether the process with this pid is the one that began then (epoch milliseconds). Who is in another pid namespace, or on another
 * machine, knows processes by pids that are somebody else's here.
 */
export function beganAt(pid: number, said: number): boolean {
  const seen = startedAt(pid) ?? Date.parse(ps(pid, 'lstart=', 'C') ?? '');
  return Math.abs(said - seen) < START_SLACK_MS;
}

/** Its manager and the kernel each note when a process began, some of them in whole seconds. */
const START_SLACK_MS = 3_000;

/**
 * When the process began, in epoch milliseconds, some 100 ms off at most; undefined where nobody says. Counted from this process, whose
 * own start is known by both clocks: the uptime that a container sees may be wrong.
 */
export function startedAt(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const [ticks, own] = [startTicks(pid), startTicks(process.pid)];
  if (ticks === undefined || own === undefined) return undefined;
  return Date.now() - process.uptime() * 1000 + (ticks - own) * TICK_MS;
}

/** USER_HZ is 100 on everything that Node runs on. */
const TICK_MS = 10;

/** Field 22 of proc_pid_stat(5); the name before it may hold blanks and brackets. */
function startTicks(pid: number): number | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  return Number.isFinite(ticks) ? ticks : undefined;
}

/** Memory of the process that is really in RAM; 0 when there is no such process. */
export function residentBytes(pid: number): number {
  const kilobytes = process.platform === 'linux' ? fieldOf(pid, 'VmRSS') : ps(pid, 'rss=');
  return Number(kilobytes ?? 0) * 1024;
}

/**
 * How long the main thread had a CPU and (where the kernel says so) how long it waited for one, since its start. A burner on a busy
 * machine gets less than it asks for; together the two say whether it asked.
 */
export function cpuUse(pid: number): { readonly ranMs: number; readonly waitedMs: number } {
  if (process.platform === 'linux') {
    const [ran, waited] = textOf(`/proc/${pid}/schedstat`).split(' ');
    return { ranMs: Number(ran ?? 0) / 1e6, waitedMs: Number(waited ?? 0) / 1e6 };
  }
  const parts = (ps(pid, 'time=') ?? '').split(':');
  return { ranMs: parts.reduce((sum, part) => sum * 60 + Number(part), 0) * 1000, waitedMs: 0 };
}

/** The processes whose parent this one is. Linux only; elsewhere none. */
export function childrenOf(pid: number): ProcessIdentity[] {
  return textOf(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .flatMap((text) => identify(Number(text)) ?? []);
}

function fieldOf(pid: number, name: string): string | undefined {
  const line = textOf(`/proc/${pid}/status`)
    .split('\n')
    .find((one) => one.startsWith(`${name}:`));
  return line?.split(/\s+/)[1];
}

function ps(pid: number, format: string, locale?: string): string | undefined {
  try {
    return execFileSync('ps', ['-o', format, '-p', String(pid)], {
      encoding: 'utf8',
      ...(locale !== undefined && { env: { ...process.env, LC_ALL: locale } }),
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined; // ps exits 1 when there is no such process.
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
