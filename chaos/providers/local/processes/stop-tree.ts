import { setTimeout as sleep } from 'node:timers/promises';
import {
  isAlive,
  isStoppedWhole,
  type ProcessIdentity,
  type ProcessStat,
  signalIfSame,
} from '../../../process-identity.ts';
import { growTree, type ProcessTree, type TreeSeed } from './process-tree.ts';

export interface StopOptions {
  readonly seed: TreeSeed;
  /** Filled with each process that was signalled, so that the caller knows them even when this ends early. */
  readonly stopped: Map<number, ProcessStat>;
  /** Hits the root alone. */
  readonly alone: boolean;
  readonly signal: AbortSignal;
  /** Called before a process is stopped that the seed does not name: its undo must be on disk first. */
  readonly found: (fresh: readonly ProcessIdentity[], tree: ProcessTree) => Promise<void>;
}

/** A process that waits for a disk stops only when it wakes; this is the longest wait for it. */
const PATIENCE_MS = 500;

/**
 * SIGSTOP to a whole tree, parents first: stop, look again, until nothing new is found and all are stopped. A stopped process has no
 * more children, so this comes to an end. Returns what is known of the tree then.
 */
export async function stopTree({ seed, stopped, alone, signal, found }: StopOptions): Promise<TreeSeed> {
  const known = new Map<number, ProcessIdentity>(seed.members.map((member) => [member.pid, member]));
  let tree: ProcessTree = { ...seed, members: [] };
  for (;;) {
    tree = growTree({ ...tree, members: [...known.values()] });
    const members = alone ? tree.members.filter(({ pid }) => pid === seed.root.pid) : tree.members;
    const fresh = members.filter((one) => stopped.get(one.pid)?.start !== one.start);
    if (fresh.length === 0) return { ...tree, members: [...stopped.values()] };
    const unknown = fresh.filter((one) => known.get(one.pid)?.start !== one.start);
    if (unknown.length > 0) await found(unknown, tree);
    signal.throwIfAborted();
    for (const one of fresh) {
      known.set(one.pid, one);
      if (signalIfSame(one, 'SIGSTOP')) stopped.set(one.pid, one);
    }
    await untilStopped([...stopped.values()], signal);
  }
}

async function untilStopped(members: readonly ProcessIdentity[], signal: AbortSignal): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  const isPending = (one: ProcessIdentity) => isAlive(one) && !isStoppedWhole(one);
  while (members.some(isPending) && Date.now() < end && !signal.aborted) await sleep(1);
}

/**
 * SIGCONT to all of them, children first, so that no parent sees a child that is stopped. One that cannot be signalled keeps no other
 * from going on. @returns what went wrong
 */
export function continueAll(parentsFirst: readonly ProcessIdentity[]): Error[] {
  return [...parentsFirst].reverse().flatMap((one) => {
    try {
      signalIfSame(one, 'SIGCONT');
      return [];
    } catch (error) {
      return [new Error(`pid ${one.pid}: ${(error as Error).message}`)];
    }
  });
}
