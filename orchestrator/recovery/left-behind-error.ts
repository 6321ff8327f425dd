import type { UndoRecord } from '../../chaos/provider.ts';

/** A run that did not begin, and could not undo what it had done by then. Its journal and its lock stay for `squall recover`. */
export class LeftBehindError extends Error {
  override readonly name = 'LeftBehindError';
  readonly left: readonly UndoRecord[];
  readonly run: string;

  constructor(message: string, left: readonly UndoRecord[], run: string) {
    super(message);
    this.left = left;
    this.run = run;
  }
}
