import { isAlive, type ProcessIdentity, signalIfSame } from '../../../chaos/process-identity.ts';
import type { UndoOutcome, UndoRecord } from '../../../chaos/provider.ts';
import { sleep } from '../../clock.ts';
import type { Undoing } from '../../undo.ts';
import { LOAD_UNDO } from './k6.ts';

/** Ends a k6 whose orchestrator is gone. */
export const loadUndoing: Undoing = {
  name: LOAD_UNDO,
  async undo(record: UndoRecord, signal: AbortSignal): Promise<UndoOutcome> {
    const identity = record.data as unknown as ProcessIdentity;
    if (!signalIfSame(identity, 'SIGKILL', { group: true }))
      return { state: 'nothing-to-undo', detail: 'k6 had ended' };
    while (isAlive(identity) && !signal.aborted) await sleep(10, signal);
    return isAlive(identity)
      ? { state: 'failed', detail: `k6 (pid ${identity.pid}) is still there after SIGKILL` }
      : { state: 'undone', detail: `k6 (pid ${identity.pid}) ended` };
  },
};
