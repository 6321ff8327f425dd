/**
 * A count with its word: `1 process`, `2 processes`. Give the verb with the word where there is one: `many(n, 'task runs', 'tasks run')`.
 */
export function many(number: number, one: string, more = `${one}s`): string {
  return `${countText(number)} ${number === 1 ? one : more}`;
}

/** A count that may be weighted: `3`, `2.5`. */
export function countText(count: number): string {
  return Number.isInteger(count) ? String(count) : count.toFixed(1);
}
