import {
  guardedCommand,
  isAlive,
  type ProcessIdentity,
  signalIfSame,
} from '../../../chaos/process-identity.ts';
import type { UndoOutcome, UndoRecord } from '../../../chaos/provider.ts';
import { sleep } from '../../clock.ts';
import { groupLeader, refusedRecord } from '../../journal/shapes.ts';

/** The provider in the undo records of k6 processes. It is in the journals of all versions: do not change it. */
export const K6_RUNNER = 'squall-load';

export function k6UndoRecord(index: number, identity: ProcessIdentity): UndoRecord {
  return {
    id: `load:${index}`,
    provider: K6_RUNNER,
    fault: 'load',
    action: 'stop',
    data: { ...identity },
    describe: `end k6 (pid ${identity.pid}) and its children`,
    command: guardedCommand(identity, `kill -KILL -- -${identity.pid}`),
  };
}

/** Ends the k6 of an orchestrator that died. */
export async function undoK6(record: UndoRecord, signal: AbortSignal): Promise<UndoOutcome> {
  const { data: identity, error } = groupLeader.safeParse(record.data);
  if (error) return refusedRecord(error);
  if (!signalIfSame(identity, 'SIGKILL', { group: true }))
    return { state: 'nothing-to-undo', detail: 'k6 had already ended' };
  while (isAlive(identity) && !signal.aborted) await sleep(10, signal);
  return isAlive(identity)
    ? { state: 'failed', detail: `k6 (pid ${identity.pid}) is still there after SIGKILL` }
    : { state: 'undone', detail: `k6 (pid ${identity.pid}) ended` };
}
