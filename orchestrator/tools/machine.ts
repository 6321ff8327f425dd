import os from 'node:os';
import { sleep } from '../clock.ts';
import { cpuPressureMs, cpuShares, cpuTimes } from '../machine/kernel.ts';

/** What a machine did for some seconds, as seen by a process with nothing else to do. Shares are 0 to 1. */
export interface MachineMeasurement {
  /** Processors that this process may use. */
  readonly cpus: number;
  /** Of all processors, by whatever ran here; null where the kernel does not say. */
  readonly busyShare: number | null;
  /** What the hypervisor gave to others, of all processors. */
  readonly stealShare: number | null;
  /** How late a timer came: of 100 the second worst, and the worst. Node rounds up: 1 ms is punctual. */
  readonly lateP99Ms: number;
  readonly lateMaxMs: number;
  /** Of the time, when some task was ready and had no processor; null where the kernel keeps no account of it. */
  readonly pressureShare: number | null;
}

/** Between two timers: short enough for 100 of them a second. */
const TIMER_MS = 10;

/**
 * Watches this machine for so long. It sleeps for most of it, so it neither loads the machine nor is it loaded by what the caller does
 * between; a caller that computes meanwhile makes its own timers late.
 */
export async function measureMachine({ forMs }: { readonly forMs: number }): Promise<MachineMeasurement> {
  const began = performance.now();
  const [cpu, pressure] = [cpuTimes(), cpuPressureMs()];
  const late: number[] = [];
  do {
    const due = performance.now() + TIMER_MS;
    await sleep(TIMER_MS);
    late.push(Math.max(0, performance.now() - due));
  } while (performance.now() - began < forMs);
  const tookMs = performance.now() - began;
  const [cpuAfter, pressureAfter] = [cpuTimes(), cpuPressureMs()];
  const shares = cpuShares(cpu, cpuAfter);
  late.sort((a, b) => a - b);
  return {
    cpus: os.availableParallelism(),
    busyShare: shares?.busy ?? null,
    stealShare: shares?.steal ?? null,
    lateP99Ms: late[Math.ceil(late.length * 0.99) - 1] ?? 0,
    lateMaxMs: late.at(-1) ?? 0,
    pressureShare: pressure === null || pressureAfter === null ? null : (pressureAfter - pressure) / tookMs,
  };
}
