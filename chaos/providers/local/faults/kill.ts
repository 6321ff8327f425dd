import { many } from '../../../many.ts';
import { type PreparedFault, ProviderError, type UndoRecord } from '../../../prepared-fault.ts';
import { isAlive, type ProcessStat, signalIfSame } from '../../../process-identity.ts';
import { waitUntil } from '../../../wait-until.ts';
import { continueRecord } from '../processes/continue-record.ts';
import { watchDeaths } from '../processes/deaths.ts';
import type { ProcessTarget } from '../processes/find-processes.ts';
import { growTree, loneTree, type TreeSeed, treeOf } from '../processes/process-tree.ts';
import { notePorts, type ServedPorts, stillServed } from '../processes/served-ports.ts';
import { allOf } from '../processes/settle.ts';
import { continueAll, stopTree } from '../processes/stop-tree.ts';
import { followUp } from '../processes/successor.ts';
import { localFault } from './kind.ts';
import { type ProcessFault, processFaultOf, resolveProcesses } from './process-fault.ts';

export const kill = localFault('kill', {
  hits: ['process'],
  resolve: (request, signal) =>
    resolveProcesses(request, { count: request.fault.params.count, onlyRunning: false }, signal),
  prepare: (preparation) => prepareKill(processFaultOf(preparation)),
});

/** SIGKILL. Leaves nothing to undo: to start the processes again is the business of what supervises them. */
function prepareKill({ fault, targets, alone, context }: ProcessFault): PreparedFault {
  const trees = targets.map((target) => killedTree(target, alone));
  const deaths = watchDeaths(targets);
  let signalled: { readonly at: number; readonly withinMs: number } | undefined;
  return {
    undo: [],
    async act(signal) {
      signal.throwIfAborted();
      if (signalled === undefined) {
        refuseGone(targets);
        const before = Date.now();
        await allOf(trees.map((tree) => (alone ? killAlone(tree) : killTree(tree, signal))));
        const at = Date.now();
        signalled = { at, withinMs: at - before };
      }
      await deaths.within(100, signal);
    },
    async observe(signal) {
      let last = '';
      const seen = await waitUntil(
        () => {
          if (deaths.all() === undefined) {
            last = `${deaths.alive().join(', ')} still there`;
            return undefined;
          }
          const left = trees.flatMap((tree) => leftOf(tree, alone));
          last = left.join('; ');
          return left.length === 0
            ? trees.map((tree, index) => goneText(tree, deaths.all()?.[index]))
            : undefined;
        },
        { signal, everyMs: 1, otherwise: () => `of a kill: ${last}` },
      );
      // It stops running with the signal, but is gone only when the kernel has taken its memory back, and on a busy
      // machine that is 10 ms later.
      const at = Math.min(...(deaths.all() ?? []));
      return { ...(signalled ?? { at }), seen };
    },
    async revert() {},
    async observeEnd(signal) {
      const successors = trees.map(({ target, ports }) => followUp(target, ports, signal));
      const back = await waitUntil(
        async (since) => {
          const seen = await Promise.all(successors.map((one) => one.look(since)));
          return seen.every((one) => one !== undefined) ? seen : undefined;
        },
        {
          signal,
          everyMs: 2,
          notBefore: signalled?.at,
          otherwise: () =>
            `that all processes are back: ${successors.map((one) => one.missing()).join(', ')}`,
        },
      );
      const last = back.reduce((one, other) => (other.at > one.at ? other : one));
      return { at: last.at, withinMs: last.withinMs, seen: back.map((one) => one.text) };
    },
  };

  /**
   * Stopped first: a supervisor inside the tree would start the next server while the others are still being killed, and a child that
   * is born meanwhile would be missed. Who dies in between leaves a tree that is stopped, so the undo is armed for that time.
   */
  async function killTree(tree: KilledTree, signal: AbortSignal): Promise<void> {
    const { target, stopped } = tree;
    const seed = growTree(tree.seed);
    const armed = [recordOf(target, seed, 0)];
    await context.arm(recordOf(target, seed, 0));
    try {
      tree.seed = await stopTree({
        seed,
        stopped,
        alone: false,
        signal,
        async found(fresh, { sessions, groups }) {
          const record = recordOf(target, { root: target, members: fresh, sessions, groups }, armed.length);
          await context.arm(record);
          armed.push(record);
        },
      });
      // Looking takes a tenth of a second beside thousands of connections, and users notice the fault meanwhile.
      if (hasChanged(tree)) tree.ports = notePorts([...stopped.values()]);
      if (!signalIfSame(target, 'SIGKILL')) throw goneEarly([target]);
      for (const one of stopped.values()) signalIfSame(one, 'SIGKILL');
    } catch (error) {
      continueAll([...stopped.values()]);
      throw error;
    } finally {
      for (const record of armed) await context.disarm(record);
    }
  }

  async function killAlone({ target }: KilledTree): Promise<void> {
    if (!signalIfSame(target, 'SIGKILL')) throw goneEarly([target]);
  }

  function recordOf(target: ProcessTarget, tree: TreeSeed, index: number): UndoRecord {
    const id = `${fault}:kill:${target.pid}:${index}`;
    return continueRecord({ id, fault, label: target.label, alone: false, tree });
  }
}

interface KilledTree {
  readonly target: ProcessTarget;
  /** The tree as known so far: at first, as it was when the fault was prepared. */
  seed: TreeSeed;
  /** How many of the tree are not hit, because only its parent is. */
  readonly spared: number;
  /** What lived when the fault was prepared, and `ports` is known of. */
  readonly noted: readonly ProcessStat[];
  /** What was stopped, and then killed. */
  readonly stopped: Map<number, ProcessStat>;
  /** Where the tree listened: of the whole tree, also where only its parent is killed. */
  ports: ServedPorts;
}

function killedTree(target: ProcessTarget, alone: boolean): KilledTree {
  const whole = treeOf(target);
  return {
    target,
    seed: alone ? loneTree(target) : whole,
    spared: alone ? whole.members.length - 1 : 0,
    noted: whole.members,
    stopped: new Map(),
    ports: notePorts(whole.members),
  };
}

function hasChanged({ noted, stopped }: KilledTree): boolean {
  return noted.length !== stopped.size || noted.some((one) => stopped.get(one.pid)?.start !== one.start);
}

/** What of a tree still runs or serves, in words. */
function leftOf({ target, seed, stopped, ports }: KilledTree, alone: boolean): string[] {
  if (alone) return [];
  const known = new Map([...seed.members, ...stopped.values()].map((one) => [one.pid, one]));
  const alive = growTree({ ...seed, members: [...known.values()] }).members;
  if (alive.length > 0)
    return [`pid ${alive.map(({ pid }) => pid).join(', ')} of the tree of ${target.label} still there`];
  return stillServed(ports).map((what) => `${what} after ${target.label} is gone`);
}

function goneText({ target, stopped, spared, ports }: KilledTree, at: number | undefined): string {
  const others = [...stopped.keys()].filter((pid) => pid !== target.pid);
  const tree =
    others.length === 0
      ? ''
      : `, with the rest of its tree (${processes(others.length)}: pid ${others.join(', ')})`;
  const where =
    stopped.size > 0 && ports.names.length > 0
      ? `; nothing of it serves ${ports.names.join(', ')} any more`
      : '';
  const rest = spared > 0 ? `; the rest of its tree (${processes(spared)}) was not hit (only: parent)` : '';
  return `${target.label} is gone (${new Date(at ?? 0).toISOString()})${tree}${where}${rest}`;
}

function processes(count: number): string {
  return many(count, 'process', 'processes');
}

function refuseGone(targets: readonly ProcessTarget[]): void {
  const early = targets.filter((target) => !isAlive(target));
  if (early.length > 0) throw goneEarly(early);
}

function goneEarly(targets: readonly ProcessTarget[]): ProviderError {
  return new ProviderError(
    `${targets.map(({ label }) => label).join(', ')} was gone before the fault could hit`,
  );
}
