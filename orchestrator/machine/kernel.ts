import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { parseStat } from '../../chaos/process-identity.ts';

/**
 * What the kernel says about processors and threads. Linux has it in /proc; elsewhere every answer is null, and whoever asks says that it
 * is not known.
 */

/** Processor time of the whole machine since it started, all processors together. */
export interface CpuTimes {
  readonly totalTicks: number;
  /** Neither idle nor waiting for a disk. Time that the hypervisor took counts. */
  readonly busyTicks: number;
  /** Time in which a virtual processor wanted to run and the hypervisor ran something else. */
  readonly stealTicks: number;
}

/** The first line of /proc/stat, see proc_stat(5). Guest time is in `user` already. */
export function cpuTimes(text = textOf('/proc/stat')): CpuTimes | null {
  const line = /^cpu +(.+)$/m.exec(text)?.[1];
  if (line === undefined) return null;
  const ticks = line.split(' ').slice(0, 8).map(Number);
  const [, , , idle = 0, iowait = 0, , , steal = 0] = ticks;
  const total = ticks.reduce((sum, one) => sum + one, 0);
  return { totalTicks: total, busyTicks: total - idle - iowait, stealTicks: steal };
}

/** Shares of all processors between two readings, 0 to 1; null when either is not known, or no time has passed. */
export function cpuShares(
  before: CpuTimes | null,
  after: CpuTimes | null,
): { readonly busy: number; readonly steal: number } | null {
  if (before === null || after === null || after.totalTicks <= before.totalTicks) return null;
  const total = after.totalTicks - before.totalTicks;
  // The kernel takes idle time back now and then.
  const share = (ticks: number) => Math.min(1, Math.max(0, ticks / total));
  return {
    busy: share(after.busyTicks - before.busyTicks),
    steal: share(after.stealTicks - before.stealTicks),
  };
}

/** Processor time since the machine started that went to work of a low priority (nice), which gives way to other work; null: not known. */
export function nicedTicks(text = textOf('/proc/stat')): number | null {
  const niced = /^cpu +\d+ (\d+)/m.exec(text)?.[1];
  return niced === undefined ? null : Number(niced);
}

/**
 * For how long, since it started, some task of this machine was ready to run and had no processor: `some` of /proc/pressure/cpu, in
 * milliseconds. The kernel weighs the processors by how busy they are. Null where it keeps no account of it.
 */
export function cpuPressureMs(text = textOf('/proc/pressure/cpu')): number | null {
  const micros = /^some .*total=(\d+)/m.exec(text)?.[1];
  return micros === undefined ? null : Number(micros) / 1000;
}

/** How long each thread of a process has run and has waited for a processor since it started, by thread. Empty where not known. */
export function threadTimes(pid: number): ReadonlyMap<string, ThreadTimes> {
  const times = new Map<string, ThreadTimes>();
  for (const thread of namesIn(`/proc/${pid}/task`)) {
    const [ran, waited] = textOf(`/proc/${pid}/task/${thread}/schedstat`).split(' ');
    if (waited !== undefined) times.set(thread, { ranMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 });
  }
  return times;
}

export interface ThreadTimes {
  readonly ranMs: number;
  /** The kernel adds a wait when it is over, not while it lasts. */
  readonly waitedMs: number;
}

/** A process as a whole; null when there is no such process, or nobody says. */
export function processTimes(pid: number): { readonly isStopped: boolean; readonly cpuMs: number } | null {
  const found = parseStat(pid, textOf(`/proc/${pid}/stat`));
  if (found === null || found.state === 'Z' || found.state === 'X') return null;
  // T: by a signal; t: by a debugger.
  return { isStopped: found.state.toUpperCase() === 'T', cpuMs: found.cpuTicks * TICK_MS };
}

/** USER_HZ is 100 on everything that Node runs on. */
const TICK_MS = 10;

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Read many times a second: without the look at its size, and into the same memory. What does not fit is not needed. */
function textOf(file: string): string {
  try {
    const descriptor = openSync(file, 'r');
    try {
      return memory.toString('latin1', 0, readSync(descriptor, memory, 0, memory.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}

const memory = Buffer.alloc(4096);
