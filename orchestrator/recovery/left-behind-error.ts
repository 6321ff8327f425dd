import type { UndoRecord } from '../../chaos/provider.ts';

/** A run failed before its load and could not undo what it had done by then. Its journal and lock stay for `squall recover`. */
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
