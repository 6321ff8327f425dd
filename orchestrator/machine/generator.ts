import { processTimes, threadTimes } from './kernel.ts';
import type { Stall } from './reading.ts';

/** Watches how long the threads of one process wait for a processor. Times are epoch milliseconds. */
export interface WaitWatch {
  /** Since `from`, when this was asked last. */
  ask(from: number, at: number): Waits;
}

export interface Waits {
  /** Threads that waited from before `from`, and had no processor at all in that time. */
  readonly whole: readonly Pick<Stall, 'from' | 'to' | 'lostMs'>[];
  /** Of the others, the one that waited most. A request is in the hands of one thread at a time. */
  readonly longestMs: number;
}

/** Watches one process that generates load. */
export interface GeneratorWatch extends WaitWatch {
  /** Is it stopped? Returns the stop that has ended since the look before. */
  look(at: number): readonly Stall[];
  /** The part of a stop that still lasts; what comes after belongs to the next call. */
  soFar(at: number): readonly Stall[];
  /** Since the last call; null: not known. */
  used(): { readonly cpuMs: number | null; readonly waitedMs: number | null };
}

/** @param counts which threads, by their number: all of k6 serve requests, of squall only one does */
export function watchWaits(
  pid: number,
  counts: (thread: string) => boolean = () => true,
): WaitWatch & { waitedMs(): number | null } {
  let threads = threadTimes(pid);
  let sumMs = 0;
  return {
    ask(from, at) {
      const now = threadTimes(pid);
      const whole: Waits['whole'][number][] = [];
      let longestMs = 0;
      for (const [thread, { waitedMs }] of now) {
        const waited = waitedMs - (threads.get(thread)?.waitedMs ?? 0);
        if (waited <= 0 || !counts(thread)) continue;
        sumMs += waited;
        // The kernel adds a wait when it is over: this one ended after `from`, and began that much before.
        if (waited > at - from) whole.push({ from: from - waited, to: at, lostMs: at - from + waited });
        else longestMs = Math.max(longestMs, waited);
      }
      threads = now;
      return { whole, longestMs };
    },
    waitedMs() {
      const waited = threads.size === 0 ? null : sumMs;
      sumMs = 0;
      return waited;
    },
  };
}

/** @param pid of k6; its threads are its own, and it has no children that send requests */
export function watchGenerator(pid: number): GeneratorWatch {
  const waits = watchWaits(pid);
  let lookedAt: number | null = null;
  let stoppedFrom: number | null = null;
  let cpuMs = processTimes(pid)?.cpuMs ?? null;
  let toldCpuMs = cpuMs;

  return {
    ask: waits.ask,
    look(at) {
      const seen = processTimes(pid);
      const before = lookedAt ?? at;
      lookedAt = at;
      cpuMs = seen?.cpuMs ?? cpuMs;
      if (seen?.isStopped) {
        // It was stopped after the look before this one.
        stoppedFrom ??= before;
        return [];
      }
      if (stoppedFrom === null) return [];
      const stall = stop(stoppedFrom, at);
      stoppedFrom = null;
      return [stall];
    },
    soFar(at) {
      if (stoppedFrom === null || at <= stoppedFrom) return [];
      const stall = stop(stoppedFrom, at);
      stoppedFrom = at;
      return [stall];
    },
    used() {
      const used = {
        cpuMs: cpuMs === null || toldCpuMs === null ? null : cpuMs - toldCpuMs,
        waitedMs: waits.waitedMs(),
      };
      toldCpuMs = cpuMs;
      return used;
    },
  };
}

function stop(from: number, to: number): Stall {
  return { from, to, lostMs: to - from, cause: 'stopped' };
}
