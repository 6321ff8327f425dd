/**
 * A count with its word: `1 process`, `2 processes`. Give the verb with the word where there is one: `many(n, 'task runs', 'tasks run')`.
 */
export function many(number: number, one: string, more = `${one}s`): string {
  return `${number} ${number === 1 ? one : more}`;
}
