import type { JournalEvent, JournalLine } from '../journal/events.ts';
import type { Stopper } from './stopper.ts';

/**
 * A full disk keeps out of the journal why the run ended, too: without it, the verdict would say that squall was killed. What is
 * added here is for this verdict only; whoever judges the run again has what is on the disk.
 */
export function withEnd(
  lines: readonly JournalLine[],
  why: ReturnType<Stopper['stopped']>,
  redact: (text: string) => string,
): readonly JournalLine[] {
  if (why === null || lines.some(({ event }) => event.type === 'stopped')) return lines;
  const { at, cause, reason } = why;
  const ends: JournalEvent[] = [{ type: 'stopped', cause, reason: redact(reason) }, { type: 'run-ended' }];
  return [...lines, ...ends.map((event, i) => ({ seq: lines.length + i, at, event, prev: '', hash: '' }))];
}
