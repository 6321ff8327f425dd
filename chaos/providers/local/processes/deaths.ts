import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from '../../../process-identity.ts';

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
