import { type GeneratorWatch, type WaitWatch, watchGenerator, watchWaits } from './generator.ts';
import { cpuPressureMs, cpuShares, cpuTimes } from './kernel.ts';
import type { ToWatch } from './messages.ts';
import type { MachineSecond, Stall, StallCause } from './reading.ts';

/** Between two looks. A stall of k6 is known to be that long or longer, not shorter. */
export const LOOK_MS = 20;
/** Every so many looks the kernel is asked who waited for a processor. */
const ASK_EVERY = 5;
/** A timer that is later than this is a stall: Node and the kernel are late by a few milliseconds on a healthy machine. */
const LATE_MS = 10;
/** Less than this share of the time is what any machine loses. */
const LEAST_SHARE = 0.1;

export interface Witness {
  watch(processes: ToWatch): void;
  /** Ends it, with what is known of the second that has begun. */
  close(): void;
}

/**
 * Watches this machine and the processes that generate the load. It has to run in a process of its own: what else its process does would
 * look like a stall of the machine. A thread that sleeps most of the time is served first even on a machine full of busy ones, so a timer
 * that is late would miss what such a machine does to k6: the kernel's account of who waited is read as well. Pressure (PSI) is only
 * reported: it was seen at 1 on a machine where the slowest of 50 requests a second took 1 ms.
 *
 * @param onSecond called once a second, about the second before
 */
export function startWitness(onSecond: (second: MachineSecond) => void): Witness {
  let stalls: Stall[] = [];
  let lateMaxMs = 0;
  let looks = 0;
  let askedAt = Date.now();
  let began = { second: secondNow(), at: askedAt, cpu: cpuTimes(), pressure: cpuPressureMs() };
  let generators: GeneratorWatch[] = [];
  let carriers: WaitWatch[] = [];
  let due = performance.now() + LOOK_MS;
  let timer = setTimeout(look, LOOK_MS);

  function look(): void {
    const lateMs = Math.max(0, performance.now() - due);
    const at = Date.now();
    lateMaxMs = Math.max(lateMaxMs, lateMs);
    if (lateMs > LATE_MS) stalls.push({ from: at - lateMs, to: at, lostMs: lateMs, cause: 'late' });
    for (const generator of generators) stalls.push(...generator.look(at));
    looks += 1;
    if (looks % ASK_EVERY === 0 || lateMs > LATE_MS) ask(at);
    if (secondNow() !== began.second) tell();
    due = performance.now() + LOOK_MS;
    timer = setTimeout(look, LOOK_MS);
  }

  function ask(at: number): void {
    if (at <= askedAt) return;
    stalls.push(...waitsOf(generators, at, 'starved'), ...waitsOf(carriers, at, 'link starved'));
    askedAt = at;
  }

  function waitsOf(watches: readonly WaitWatch[], at: number, cause: StallCause): Stall[] {
    const waits = watches.map((one) => one.ask(askedAt, at));
    const longestMs = Math.max(0, ...waits.map((one) => one.longestMs));
    const whole = waits.flatMap((one) => one.whole.map((stretch) => ({ ...stretch, cause })));
    if (longestMs < (at - askedAt) * LEAST_SHARE) return whole;
    return [...whole, { from: askedAt, to: at, lostMs: longestMs, cause }];
  }

  function tell(): void {
    const now = { second: secondNow(), at: Date.now(), cpu: cpuTimes(), pressure: cpuPressureMs() };
    const tookMs = Math.max(1, now.at - began.at);
    const shares = cpuShares(began.cpu, now.cpu);
    const pressureMs = difference(began.pressure, now.pressure);
    for (const generator of generators) stalls.push(...generator.soFar(now.at));
    const used = generators.map((generator) => generator.used());
    onSecond({
      second: began.second,
      lateMaxMs: rounded(lateMaxMs),
      stalls: stalls.map((one) => ({ ...one, from: rounded(one.from), lostMs: rounded(one.lostMs) })),
      busy: shares && rounded(shares.busy),
      steal: shares && rounded(shares.steal),
      pressure: pressureMs === null ? null : rounded(Math.min(1, pressureMs / tookMs)),
      k6Cpus: total(used.map(({ cpuMs }) => (cpuMs === null ? null : rounded(cpuMs / tookMs)))),
      k6WaitMs: total(used.map(({ waitedMs }) => waitedMs)),
    });
    stalls = [];
    lateMaxMs = 0;
    began = now;
  }

  return {
    watch({ load, carriers: own }) {
      generators = load.map(watchGenerator);
      carriers = own.map(({ pid, thread }) => watchWaits(pid, (one) => one === String(thread)));
    },
    close() {
      clearTimeout(timer);
      ask(Date.now());
      tell();
    },
  };
}

function secondNow(): number {
  return Math.floor(Date.now() / 1000);
}

function difference(before: number | null, after: number | null): number | null {
  return before === null || after === null ? null : Math.max(0, after - before);
}

/** Null without any that is known. */
function total(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : rounded(known.reduce((sum, value) => sum + value, 0));
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
