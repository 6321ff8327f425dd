import {
  NoEvidenceError,
  type PreparedFault,
  ProviderError,
  type UndoRecord,
} from '../../../prepared-fault.ts';
import { isAlive, isStopped, isStoppedWhole, type ProcessStat } from '../../../process-identity.ts';
import { waitUntil } from '../../../wait-until.ts';
import { continueRecord } from '../processes/continue-record.ts';
import type { ProcessTarget } from '../processes/find-processes.ts';
import { growTree, loneTree, type ProcessTree, treeOf } from '../processes/process-tree.ts';
import { allOf } from '../processes/settle.ts';
import { continueAll, stopTree } from '../processes/stop-tree.ts';
import { localFault } from './kind.ts';
import { type ProcessFault, processFaultOf, resolveProcesses } from './process-fault.ts';

export const freeze = localFault('freeze', {
  hits: ['process'],
  resolve: (request, signal) =>
    resolveProcesses(request, { count: request.fault.params.count, onlyRunning: true }, signal),
  prepare: (preparation) => prepareFreeze(processFaultOf(preparation)),
});

/** SIGSTOP: connections stay open, the kernel accepts new ones, and nobody answers. */
export function prepareFreeze({ fault, targets, alone, context }: ProcessFault): PreparedFault {
  const trees = targets.map((target) => frozenTree(target, alone));
  const late: UndoRecord[] = [];
  let watch: NodeJS.Timeout | undefined;
  let signalledAt: number | undefined;
  let lookedAt = 0;
  return {
    undo: trees.map(({ target, seed }) =>
      continueRecord({
        id: `${fault}:freeze:${target.pid}`,
        fault,
        label: target.label,
        alone,
        tree: seed,
      }),
    ),
    async act(signal) {
      signal.throwIfAborted();
      if (signalledAt !== undefined) return;
      refuseUnlessRunning(targets);
      signalledAt = lookedAt = Date.now();
      await allOf(trees.map((tree) => stop(tree, signal)));
    },
    async observe(signal) {
      const since = await waitUntil(() => allStopped(trees), {
        signal,
        everyMs: 1,
        otherwise: () => `of a freeze: ${trees.map(stateOf).join(', ')}`,
      });
      lookedAt = since;
      // Someone else may restart or continue a target before squall does: the end is when that happened, not when we looked.
      watch ??= setInterval(noteThaws, 10).unref();
      const withinMs = since - (signalledAt ?? since);
      return { at: since, withinMs, seen: trees.map(frozenText) };
    },
    async revert() {
      // So that an end which is seen after this began with the signal.
      if (watch !== undefined) noteThaws();
      const failures = trees.flatMap(thaw);
      if (failures.length > 0) throw new AggregateError(failures, 'some processes could not be continued');
    },
    async observeEnd(signal) {
      await waitUntil(() => noteThaws() || undefined, {
        signal,
        everyMs: 1,
        otherwise: () => `that the freeze is over: ${trees.map(stateOf).join(', ')}`,
      });
      clearInterval(watch);
      for (const record of late.splice(0)) await context.disarm(record);
      const ends = trees.flatMap(({ end }) => end ?? []);
      const last = ends.reduce((one, other) => (other.at > one.at ? other : one));
      return { at: last.at, withinMs: last.withinMs, seen: ends.map(({ why }) => why) };
    },
  };

  async function stop({ target, seed, stopped }: FrozenTree, signal: AbortSignal): Promise<void> {
    await stopTree({
      seed,
      stopped,
      alone,
      signal,
      async found(fresh, { sessions, groups }) {
        const tree = { root: target, members: fresh, sessions, groups };
        const id = `${fault}:freeze:${target.pid}:${late.length + 1}`;
        const record = continueRecord({ id, fault, label: target.label, alone, tree });
        late.push(record);
        await context.arm(record);
      },
    });
  }

  function noteThaws(): boolean {
    const lookedBefore = lookedAt;
    lookedAt = Date.now();
    for (const tree of trees) {
      if (tree.end !== undefined) continue;
      const why = endOf(tree);
      if (why === undefined) continue;
      const at = Date.now();
      tree.end = { at, withinMs: at - lookedBefore, why: `${tree.target.label} ${why}` };
    }
    const over = trees.every(({ end, stopped }) => end !== undefined && !anyStopped(stopped));
    if (over) clearInterval(watch);
    return over;
  }
}

interface FrozenTree {
  readonly target: ProcessTarget;
  /** The tree as it was when the fault was prepared: what its undo record names. */
  readonly seed: ProcessTree;
  /** What has been stopped. */
  readonly stopped: Map<number, ProcessStat>;
  end?: { readonly at: number; readonly withinMs: number; readonly why: string };
}

function frozenTree(target: ProcessTarget, alone: boolean): FrozenTree {
  return { target, seed: alone ? loneTree(target) : treeOf(target), stopped: new Map() };
}

function thaw({ seed, stopped }: FrozenTree): Error[] {
  const members = [...stopped.values()];
  const others = growTree({ ...seed, members }).members.filter(
    (one) => stopped.size > 0 && !stopped.has(one.pid) && isStopped(one),
  );
  return continueAll([...members, ...others]);
}

/** A tree is frozen while its root exists and none of it runs. A child that was ended meanwhile does not serve either. */
function endOf({ target, stopped }: FrozenTree): string | undefined {
  if (!isAlive(target)) return 'is gone: it ended while it was frozen';
  const running = [...stopped.values()].find((one) => isAlive(one) && !isStopped(one));
  if (running === undefined) return undefined;
  return running.pid === target.pid ? 'runs again' : `: pid ${running.pid} of its tree runs again`;
}

function anyStopped(stopped: FrozenTree['stopped']): boolean {
  return [...stopped.values()].some((one) => isStopped(one));
}

function refuseUnlessRunning(targets: readonly ProcessTarget[]): void {
  for (const target of targets) {
    if (!isAlive(target)) throw new ProviderError(`${target.label} was gone before the fault could hit`);
    if (isStopped(target)) throw new ProviderError(`${target.label} was stopped already, by someone else`);
  }
}

/** All that were signalled are stopped, and the tree has nothing else. */
function allStopped(trees: readonly FrozenTree[]): number | undefined {
  const gone = trees.find(({ target }) => !isAlive(target));
  if (gone !== undefined) throw new NoEvidenceError(`no evidence of a freeze: ${gone.target.label} is gone`);
  const isFrozen = ({ target, stopped }: FrozenTree) =>
    stopped.has(target.pid) && [...stopped.values()].every((one) => !isAlive(one) || isStoppedWhole(one));
  return trees.every(isFrozen) ? Date.now() : undefined;
}

function frozenText({ target, stopped }: FrozenTree): string {
  const others = [...stopped.values()].filter((one) => one.pid !== target.pid && isAlive(one));
  if (others.length === 0) return `${target.label} is stopped (state T)`;
  const pids = others.map(({ pid }) => pid).join(', ');
  return `${target.label} and all of its tree (pid ${pids}) are stopped (state T)`;
}

function stateOf({ target }: FrozenTree): string {
  return `${target.label} ${!isAlive(target) ? 'is gone' : isStopped(target) ? 'is stopped' : 'runs'}`;
}
