import { processTimes, threadTimes } from './kernel.ts';
import type { Stall } from './reading.ts';

/** Watches one process that generates load. Times are epoch milliseconds. */
export interface GeneratorWatch {
  /** Is it stopped? Returns the stop that has ended since the look before. */
  look(at: number): readonly Stall[];
  /** The part of a stop that still lasts; what comes after belongs to the next call. */
  soFar(at: number): readonly Stall[];
  /** How long its threads waited for a processor since `from`, when this was asked last. */
  ask(from: number, at: number): Waits;
  /** Since the last call; null: not known. */
  used(): { readonly cpuMs: number | null; readonly waitedMs: number | null };
}

interface Waits {
  /** A thread that waited from before `from`: it had no processor at all in that time. */
  readonly whole: readonly Stall[];
  /** Of the others, the one that waited most. A request is in the hands of one thread at a time. */
  readonly longestMs: number;
}

/** @param pid of k6; its threads are its own, and it has no children that send requests */
export function watchGenerator(pid: number): GeneratorWatch {
  let lookedAt: number | null = null;
  let stoppedFrom: number | null = null;
  let threads = threadTimes(pid);
  let cpuMs = processTimes(pid)?.cpuMs ?? null;
  let toldCpuMs = cpuMs;
  let waitedMs = 0;

  return {
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
    ask(from, at) {
      const now = threadTimes(pid);
      const whole: Stall[] = [];
      let longestMs = 0;
      for (const [thread, { waitedMs: after }] of now) {
        const waited = after - (threads.get(thread)?.waitedMs ?? 0);
        if (waited <= 0) continue;
        waitedMs += waited;
        // The kernel adds a wait when it is over: this one ended after `from`, and began that much before.
        if (waited > at - from)
          whole.push({ from: from - waited, to: at, lostMs: at - from + waited, cause: 'starved' });
        else longestMs = Math.max(longestMs, waited);
      }
      threads = now;
      return { whole, longestMs };
    },
    used() {
      const used = {
        cpuMs: cpuMs === null || toldCpuMs === null ? null : cpuMs - toldCpuMs,
        waitedMs: threads.size === 0 ? null : waitedMs,
      };
      toldCpuMs = cpuMs;
      waitedMs = 0;
      return used;
    },
  };
}

function stop(from: number, to: number): Stall {
  return { from, to, lostMs: to - from, cause: 'stopped' };
}
