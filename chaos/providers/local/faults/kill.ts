import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, isSame, isStopped, type ProcessIdentity, signalIfSame } from '../../../process-identity.ts';
import { type PreparedFault, ProviderError } from '../../../provider.ts';
import type { ProcessTarget } from '../processes/find-processes.ts';
import { readPidFile } from '../processes/pid-file.ts';
import { waitUntil } from '../wait.ts';

/** SIGKILL. Leaves nothing to undo: to start the processes again is the business of what supervises them. */
export function prepareKill(targets: readonly ProcessTarget[]): PreparedFault {
  const deaths = watchDeaths(targets);
  let signalled: { readonly at: number; readonly withinMs: number } | undefined;
  return {
    undo: [],
    async act(signal) {
      signal.throwIfAborted();
      if (signalled === undefined) {
        const before = Date.now();
        killAll(targets);
        const at = Date.now();
        signalled = { at, withinMs: at - before };
      }
      await deaths.within(100, signal);
    },
    async observe(signal) {
      const times = await waitUntil(deaths.all, {
        signal,
        everyMs: 1,
        otherwise: () => `of a kill: ${deaths.alive().join(', ')} still there`,
      });
      // From the signal on it runs no more; that it is gone shows only when the kernel has taken its memory back, and on a busy
      // machine that is 10 ms later.
      return {
        ...(signalled ?? { at: Math.min(...times) }),
        seen: targets.map(({ label }, index) => `${label} is gone (${iso(times[index] ?? 0)})`),
      };
    },
    async revert() {},
    async observeEnd(signal) {
      const successors = targets.map((target) => followUp(target));
      const back = await waitUntil(
        (since) => {
          const seen = successors.map((look) => look(since));
          return seen.every((one) => one !== undefined) ? seen : undefined;
        },
        {
          signal,
          everyMs: 2,
          notBefore: signalled?.at,
          otherwise: () => `that all processes are back: ${absent(targets)}`,
        },
      );
      const last = back.reduce((one, other) => (other.at > one.at ? other : one));
      return { at: last.at, withinMs: last.withinMs, seen: back.map((one) => one.text) };
    },
  };
}

/** When each process was first seen gone. Every look costs a read of /proc, so it can be repeated each millisecond. */
export function watchDeaths(targets: readonly (ProcessIdentity & { readonly label: string })[]) {
  const goneAt = new Map<number, number>();
  const look = () => {
    for (const target of targets) {
      if (!goneAt.has(target.pid) && !isAlive(target)) goneAt.set(target.pid, Date.now());
    }
  };
  const all = (): number[] | undefined => {
    look();
    const times = targets.flatMap(({ pid }) => goneAt.get(pid) ?? []);
    return times.length === targets.length ? times : undefined;
  };
  return {
    all,
    alive: () => targets.filter(({ pid }) => !goneAt.has(pid)).map(({ label }) => label),
    /** Looks closely right after the signal, so that the time is sharp whatever the caller does next. */
    async within(ms: number, signal: AbortSignal): Promise<void> {
      const end = Date.now() + ms;
      while (all() === undefined && Date.now() < end && !signal.aborted) await sleep(1);
    },
  };
}

function killAll(targets: readonly ProcessTarget[]): void {
  let early = targets.filter((target) => !isAlive(target));
  if (early.length === 0) early = targets.filter((target) => !signalIfSame(target, 'SIGKILL'));
  if (early.length > 0) {
    throw new ProviderError(
      `${early.map(({ label }) => label).join(', ')} had gone before the fault could hit`,
    );
  }
}

interface Successor {
  readonly at: number;
  readonly withinMs: number;
  readonly text: string;
  readonly identity: ProcessIdentity;
}

function followUp(target: ProcessTarget): (since: number) => Successor | undefined {
  let found: Successor | undefined;
  return (since) => {
    // A successor that dies again at once (a crash loop) is not back.
    if (found !== undefined && !isAlive(found.identity)) found = undefined;
    const now = readPidFile(target.pidFile);
    if (found === undefined && now !== undefined && !isSame(now, target) && !isStopped(now)) {
      const text = `${target.label} is back as pid ${now.pid}`;
      const at = Date.now();
      found = { at, withinMs: at - since, text, identity: now };
    }
    return found;
  };
}

function absent(targets: readonly ProcessTarget[]): string {
  return targets
    .filter((target) => {
      const now = readPidFile(target.pidFile);
      return now === undefined || isSame(now, target);
    })
    .map(({ label, pidFile }) => `${label} (${pidFile} names no new process)`)
    .join(', ');
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
