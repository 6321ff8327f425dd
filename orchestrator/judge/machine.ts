import type { JournalLine } from '../journal/events.ts';
import { type LostTime, lostTimeOf } from '../machine/lost-time.ts';
import { of } from './findings.ts';

/** What the machine took from the load, by the journal; null: nothing, or an older squall did not watch it. */
export function lostTimeIn(lines: readonly JournalLine[]): LostTime | null {
  const stalls = of(lines, 'machine').flatMap((second) => second.stalls);
  return stalls.length === 0 ? null : lostTimeOf(stalls);
}
