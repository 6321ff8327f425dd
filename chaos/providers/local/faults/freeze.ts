import { z } from 'zod';
import { guardedCommand, isAlive, isStopped, signalIfSame } from '../../../process-identity.ts';
import {
  NoEvidenceError,
  type PreparedFault,
  ProviderError,
  type UndoOutcome,
  type UndoRecord,
} from '../../../provider.ts';
import type { ProcessTarget } from '../processes/find-processes.ts';
import { processIdentity } from '../processes/process-facts.ts';
import { waitUntil } from '../wait.ts';

const undoData = z.object({ process: processIdentity, label: z.string() });

/** SIGSTOP: connections stay open, the kernel accepts new ones, and nobody answers. */
export function prepareFreeze(fault: string, targets: readonly ProcessTarget[]): PreparedFault {
  const thaws = new Map<ProcessTarget, { at: number; withinMs: number; why: string }>();
  let watch: NodeJS.Timeout | undefined;
  let signalledAt: number | undefined;
  let lookedAt = 0;
  return {
    undo: targets.map((target) => undoRecord(fault, target)),
    async act(signal) {
      signal.throwIfAborted();
      if (signalledAt !== undefined) return;
      refuseUnlessRunning(targets);
      signalledAt = lookedAt = Date.now();
      for (const target of targets) signalIfSame(target, 'SIGSTOP');
    },
    async observe(signal) {
      const since = await waitUntil(() => allStopped(targets), {
        signal,
        everyMs: 1,
        otherwise: () => `of a freeze: ${targets.map(stateOf).join(', ')}`,
      });
      lookedAt = since;
      // Someone else may restart or continue a target before squall does: the end is when that happened, not when we looked.
      watch ??= setInterval(noteThaws, 10).unref();
      const withinMs = since - (signalledAt ?? since);
      return { at: since, withinMs, seen: targets.map(({ label }) => `${label} is stopped (state T)`) };
    },
    async revert() {
      // So that an end which is seen after this began with the signal.
      if (watch !== undefined) noteThaws();
      for (const target of targets) signalIfSame(target, 'SIGCONT');
    },
    async observeEnd(signal) {
      await waitUntil(() => noteThaws() || undefined, {
        signal,
        everyMs: 1,
        otherwise: () => `that the freeze is over: ${targets.map(stateOf).join(', ')}`,
      });
      clearInterval(watch);
      const ends = [...thaws.values()];
      const last = ends.reduce((one, other) => (other.at > one.at ? other : one));
      return { at: last.at, withinMs: last.withinMs, seen: ends.map(({ why }) => why) };
    },
  };

  function noteThaws(): boolean {
    const lookedBefore = lookedAt;
    lookedAt = Date.now();
    for (const target of targets) {
      if (thaws.has(target) || isStopped(target)) continue;
      const why = !isAlive(target) ? 'is gone: it ended while it was frozen' : 'runs again';
      const at = Date.now();
      thaws.set(target, { at, withinMs: at - lookedBefore, why: `${target.label} ${why}` });
    }
    if (thaws.size === targets.length) clearInterval(watch);
    return thaws.size === targets.length;
  }
}

/**
 * SIGCONT to the frozen process, and to no other. Idempotent. Also where it seems to run: a process that waits for a disk, or has no
 * processor time, stops only when it wakes, and SIGCONT takes such a stop back.
 */
export function undoFreeze(record: UndoRecord): UndoOutcome {
  const { process: identity, label } = undoData.parse(record.data);
  if (!isAlive(identity)) return { state: 'nothing-to-undo', detail: `${label} does not exist any more` };
  const wasStopped = isStopped(identity);
  if (!signalIfSame(identity, 'SIGCONT'))
    return { state: 'nothing-to-undo', detail: `${label} ended just now` };
  return wasStopped
    ? { state: 'undone', detail: `${label} continues` }
    : { state: 'nothing-to-undo', detail: `${label} is running` };
}

function undoRecord(fault: string, target: ProcessTarget): UndoRecord {
  const { pid, start, label } = target;
  const identity = { pid, start };
  return {
    id: `${fault}:freeze:${pid}`,
    provider: 'local',
    fault,
    action: 'continue',
    data: { process: identity, label } satisfies z.input<typeof undoData>,
    describe: `let ${label} continue (SIGCONT)`,
    command: guardedCommand(identity, `kill -CONT ${pid}`),
  };
}

function refuseUnlessRunning(targets: readonly ProcessTarget[]): void {
  for (const target of targets) {
    if (!isAlive(target)) throw new ProviderError(`${target.label} had gone before the fault could hit`);
    if (isStopped(target)) throw new ProviderError(`${target.label} was stopped already, by someone else`);
  }
}

function allStopped(targets: readonly ProcessTarget[]): number | undefined {
  const gone = targets.find((target) => !isAlive(target));
  if (gone !== undefined) throw new NoEvidenceError(`no evidence of a freeze: ${gone.label} is gone`);
  return targets.every((target) => isStopped(target)) ? Date.now() : undefined;
}

function stateOf(target: ProcessTarget): string {
  return `${target.label} ${!isAlive(target) ? 'is gone' : isStopped(target) ? 'is stopped' : 'runs'}`;
}
