import { ProviderError, type UndoRecord } from '../../../../prepared-fault.ts';
import { undoAnnouncement } from '../announce.ts';
import { forgetKept, keptAt, type LinkPlace } from './registry.ts';

/** Takes away what a keeper that was killed has left: the file that announces the link, and its entry. */
export async function clearDead(place: LinkPlace): Promise<void> {
  const entry = keptAt(place);
  if (entry === undefined || entry.isKept) return;
  for (const record of entry.undo) await takeAway(record);
  forgetKept(place, entry.keeper);
}

/** A record that is damaged is dropped with its entry: kept, it would refuse this link to every later drill. */
async function takeAway(record: UndoRecord): Promise<void> {
  try {
    await undoAnnouncement(record, AbortSignal.timeout(5_000));
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
  }
}
