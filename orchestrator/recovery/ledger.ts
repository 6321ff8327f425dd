import type { UndoOutcome, UndoRecord } from '../../chaos/provider.ts';
import type { JournalEvent } from '../journal/events.ts';
import { type Undoing, undoAll, undoDone, withWhatIsLeft } from '../undo.ts';
import type { Guardian } from './guardian/client.ts';

/** What this run has changed and not yet undone. A record counts once it is in the journal (fsync) and with the guardian. */
export interface Ledger {
  arm(record: UndoRecord): Promise<void>;
  /** Whoever armed the record has seen that nothing is left to undo. */
  disarm(record: UndoRecord, detail: string): Promise<void>;
  undo(records: readonly UndoRecord[]): Promise<void>;
  /** Undoes everything that is still armed, latest first. Returns what could not be undone. */
  undoEverything(): Promise<readonly UndoRecord[]>;
}

export interface LedgerOptions {
  readonly write: (event: JournalEvent) => void;
  readonly writeAhead: (event: JournalEvent) => void;
  readonly guardian: Guardian;
  readonly undoing: readonly Undoing[];
}

export function createLedger(options: LedgerOptions): Ledger {
  const armed = new Map<string, UndoRecord>();
  return {
    async arm(record) {
      if (armed.has(record.id)) throw new Error(`undo record ${record.id} is armed already`);
      options.writeAhead({ type: 'undo-armed', record });
      armed.set(record.id, record);
      await options.guardian.arm(record);
    },
    disarm: (record, detail) => settle(record, { state: 'undone', detail }),
    async undo(records) {
      const outcomes: Promise<void>[] = [];
      const still = records.filter(({ id }) => armed.has(id));
      await undoAll(still, options.undoing, (record, outcome) => outcomes.push(settle(record, outcome)));
      await Promise.all(outcomes);
    },
    async undoEverything() {
      await this.undo([...armed.values()]);
      return [...armed.values()];
    },
  };

  async function settle(record: UndoRecord, outcome: UndoOutcome): Promise<void> {
    if (!armed.has(record.id)) return;
    options.write(undoDone(record, 'orchestrator', outcome));
    if (outcome.state === 'failed') {
      armed.set(record.id, withWhatIsLeft(record, outcome));
      return;
    }
    armed.delete(record.id);
    // The guardian may be gone; that is noticed and recorded elsewhere.
    await options.guardian.disarm(record.id).catch(() => {});
  }
}
