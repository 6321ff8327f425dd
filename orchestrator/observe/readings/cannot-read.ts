/** There was an answer, but no value in it that could be held against a bound. Says nothing about the target's promise. */
export class CannotRead extends Error {
  override readonly name = 'CannotRead';
}
