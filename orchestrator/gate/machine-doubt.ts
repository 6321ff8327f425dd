import type { JournalLine } from '../journal/events.ts';
import { of } from '../judge/findings.ts';
import { lostTimeIn, unableStretches } from '../judge/machine.ts';
import type { ComparisonResult } from './side-by-side/compare-slots.ts';

/** The share of a second that the host of this machine may take. */
const STOLEN = 0.1;
/** Both sides suffer alike, so that a few such seconds only widen the intervals. */
const MOST_LOST = 0.3;

/**
 * Why the machine that made the load was not able to measure a comparison; null: it was. What it adds to all durations hides a difference: where
 * k6 had no processor for 100 ms, 5 and 6 ms are as good as the same.
 * @param journals one for each start
 */
export function machineDoubt(journals: readonly (readonly JournalLine[])[]): string | null {
  let [watched, lost] = [0, 0];
  for (const lines of journals) {
    const seconds = of(lines, 'machine');
    const stolen = seconds.filter(({ steal }) => (steal ?? 0) >= STOLEN).map(({ second }) => second);
    watched += seconds.length;
    lost += new Set([...unableSeconds(lines), ...stolen]).size;
  }
  if (lost <= MOST_LOST * watched) return null;
  return `the machine that made the load stood still, or was taken by its host, in ${lost} of ${watched} seconds`;
}

/**
 * The same answers without those that such a machine may have made: that durations are the same. A difference that shows all the same is one,
 * since the order of the slots was drawn and both sides suffered alike.
 */
export function withDoubt(results: readonly ComparisonResult[], doubt: string): ComparisonResult[] {
  return results.map((one) =>
    one.answer === 'same' && /^p\d/.test(one.measure)
      ? { ...one, answer: 'cannot tell', needs: null, reason: doubt }
      : one,
  );
}

function unableSeconds(lines: readonly JournalLine[]): number[] {
  const lost = lostTimeIn(lines);
  if (lost === null) return [];
  return unableStretches(lost).flatMap(({ from, to }) =>
    Array.from({ length: (to - from) / 1000 }, (_, i) => from / 1000 + i),
  );
}
