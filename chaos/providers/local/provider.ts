import { type Provider, ProviderError, type UndoOutcome, type UndoRecord } from '../../provider.ts';
import { undoStress } from './faults/stress.ts';
import { undoAnnouncement } from './link/announce.ts';
import { undoLinkEffect } from './link/carried-links.ts';
import { localRequest } from './local-request.ts';
import { readProbe } from './probe.ts';
import { undoStop } from './processes/continue-record.ts';
import { openSession } from './session.ts';

/** Faults on this machine: its processes, the TCP links that squall carries, its Postgres and Redis. */
export function createLocalProvider(): Provider {
  return {
    name: 'local',
    opensFirst: true,
    seesProcesses: true,
    async resolve(asked, signal) {
      signal.throwIfAborted();
      const { request, kind } = localRequest(asked);
      return kind.resolve(request, signal);
    },
    open: openSession,
    probe: readProbe,
    async undo(record, signal) {
      try {
        return await undoRecord(record, signal);
      } catch (error) {
        return { state: 'failed', detail: `${record.describe}: ${(error as Error).message}` };
      }
    },
  };
}

async function undoRecord(record: UndoRecord, signal: AbortSignal): Promise<UndoOutcome> {
  switch (record.action) {
    case 'continue':
      return undoStop(record);
    case 'heal-link':
      return undoLinkEffect(record, signal);
    case 'end-burners':
      return undoStress(record, signal);
    case 'remove-announcement':
      return undoAnnouncement(record, signal);
    default:
      throw new ProviderError(`the local provider does not know the undo ${record.action}`);
  }
}
