import { undoAnnouncement } from '../announce.ts';
import { forgetKept, keptAt, type LinkPlace } from './registry.ts';

/** Takes away what a keeper that was killed has left: the file that announces the link, and its entry. */
export async function clearDead(place: LinkPlace): Promise<void> {
  const entry = keptAt(place);
  if (entry === undefined || entry.isKept) return;
  for (const record of entry.undo) await undoAnnouncement(record, AbortSignal.timeout(5_000));
  forgetKept(place, entry.keeper);
}
