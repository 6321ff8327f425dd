import { z } from 'zod';
import type { UndoOutcome, UndoRecord } from '../../../prepared-fault.ts';
import { guardedCommand, isAlive, isStopped, type ProcessIdentity } from '../../../process-identity.ts';
import { readUndoData } from '../../../undo-data.ts';
import { isThisProcess, processIdentity } from './process-facts.ts';
import { growTree, loneTree, type ProcessTree, type TreeSeed } from './process-tree.ts';
import { continueAll } from './stop-tree.ts';

/** More than any machine runs of one component. */
const MAX_MEMBERS = 100_000;

/** Records of an older squall name the process alone. */
const undoData = z.object({
  process: processIdentity.refine((one) => !isThisProcess(one), 'squall itself'),
  label: z.string(),
  alone: z.boolean().default(true),
  members: z.array(processIdentity).max(MAX_MEMBERS).default([]),
  sessions: z.array(processIdentity.shape.pid).max(MAX_MEMBERS).default([]),
  groups: z.array(processIdentity.shape.pid).max(MAX_MEMBERS).default([]),
});

/** The undo of a stop: continues these processes, and whatever else of their tree has been stopped meanwhile. */
export function continueRecord(options: {
  readonly id: string;
  readonly fault: string;
  readonly label: string;
  readonly alone: boolean;
  readonly tree: TreeSeed;
}): UndoRecord {
  const { id, fault, label, alone, tree } = options;
  const members = tree.members.map(identityOf);
  const named = members.some(({ pid }) => pid === tree.root.pid) ? members : [tree.root, ...members];
  const others = named.length - 1;
  const whole = others === 0 ? label : `${label} and ${others} more of its tree`;
  return {
    id,
    provider: 'local',
    fault,
    action: 'continue',
    data: {
      process: identityOf(tree.root),
      label,
      alone,
      members,
      sessions: [...tree.sessions],
      groups: [...tree.groups],
    } satisfies z.input<typeof undoData>,
    describe: `let ${whole} continue (SIGCONT)`,
    command: [...named]
      .reverse()
      .map((one) => guardedCommand(one, `kill -CONT ${one.pid}`))
      .join('; '),
  };
}

/**
 * SIGCONT to the processes that were stopped, and to no other. Idempotent. Also where they seem to run: a process that waits for a disk,
 * or gets no processor time, stops only when it wakes, and SIGCONT takes such a stop back.
 */
export function undoStop(record: UndoRecord): UndoOutcome {
  const { process: root, label, alone, ...known } = readUndoData(undoData, record);
  const seed = { root, ...known };
  if (![root, ...known.members].some(isAlive) && (alone || liveIn(seed).length === 0)) {
    return { state: 'nothing-to-undo', detail: `${label} does not exist any more` };
  }
  const stopped = new Map<number, ProcessIdentity>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const still = liveIn(seed, alone).filter((one) => isStopped(one));
    if (round > 0 && still.length === 0) break;
    for (const one of still) stopped.set(one.pid, one);
    const failures = continueAll(round === 0 ? unique([root, ...known.members, ...still]) : still);
    if (failures.length > 0) {
      const why = failures.map(({ message }) => message).join('; ');
      return { state: 'failed', detail: `${label}: ${why}`, sight: 'there' };
    }
  }
  if (stopped.size === 0) return { state: 'nothing-to-undo', detail: `${label} is running` };
  const others = stopped.size - (stopped.has(root.pid) ? 1 : 0);
  const withTree = others === 0 ? '' : `, with ${others} more of its tree`;
  return { state: 'undone', detail: `${label} continues${withTree}` };
}

/** What was stopped in the middle of a fork shows only at the second look. */
const ROUNDS = 3;

function liveIn(seed: TreeSeed, alone = false): ProcessTree['members'] {
  return (alone ? loneTree(seed.root) : growTree(seed)).members;
}

function unique(processes: readonly ProcessIdentity[]): ProcessIdentity[] {
  return [...new Map(processes.map((one) => [one.pid, one])).values()];
}

function identityOf({ pid, start }: ProcessIdentity): ProcessIdentity {
  return { pid, start };
}
