/** How much counters went up since the first reading. */
export interface Increase {
  readonly total: number;
  readonly last: Readonly<Record<string, number>>;
  /** Was one smaller than before? */
  readonly hasFallen: boolean;
}

/**
 * Adds what each series went up by. One that is smaller than before was reset (its process started anew), and has counted from 0 since; one
 * that was not there at the first reading has, too. One that is away for a while goes on from where it was.
 */
export function increaseSince(before: Increase | null, numbers: Readonly<Record<string, number>>): Increase {
  if (before === null) return { total: 0, last: numbers, hasFallen: false };
  let { total, hasFallen } = before;
  for (const [series, value] of Object.entries(numbers)) {
    const last = before.last[series] ?? 0;
    hasFallen ||= value < last;
    total += value >= last ? value - last : value;
  }
  return { total, last: { ...before.last, ...numbers }, hasFallen };
}
