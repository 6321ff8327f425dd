/**
 * What became of each chunk of one singer: answered, or lost with its number. A chunk is lost when its connection ends without an answer
 * to it, when there was no connection to send it on, or when the singer stops waiting at the end.
 */
export interface ChunkAccount {
  /** A chunk is due; `on` is the number of the connection that it went out on, null: there was none. Answers whether it is lost. */
  due(seq: number, on: number | null): boolean;
  answered(seq: number): void;
  /** The connection is gone: the numbers of the chunks that it has taken with it. */
  lostWith(connection: number): number[];
  /** Nobody waits any longer: the numbers of those without an answer. */
  rest(): number[];
  /** Chunks that were due and of which nothing of this is known. Counted, not looked up: it shows a mistake in the account itself. */
  unaccounted(): number;
}

export const createChunkAccount = (): ChunkAccount => {
  /** By number, the connection. */
  const waiting = new Map<number, number>();
  let count = 0;
  let answered = 0;
  let lost = 0;

  const lose = (isGone: (connection: number) => boolean): number[] => {
    const gone: number[] = [];
    for (const [seq, on] of waiting) if (isGone(on)) gone.push(seq);
    for (const seq of gone) waiting.delete(seq);
    lost += gone.length;
    return gone;
  };

  return {
    due(seq, on) {
      count += 1;
      if (on !== null) waiting.set(seq, on);
      else lost += 1;
      return on === null;
    },
    answered(seq) {
      if (waiting.delete(seq)) answered += 1;
    },
    lostWith: (connection) => lose((on) => on === connection),
    rest: () => lose(() => true),
    unaccounted: () => count - answered - lost,
  };
};
