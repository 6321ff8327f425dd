/** Tells the end of a stream by a mark behind it, which is not passed on. */
export interface EndMark {
  /** What of this piece and the ones before it is certainly no part of the mark. */
  pass(piece: Buffer): Buffer;
  /** Has the mark come, with nothing behind it? */
  readonly isHere: boolean;
  /** What was held back and is no mark. */
  rest(): Buffer;
}

export function endMark(mark: string): EndMark {
  const wanted = Buffer.from(mark);
  let held = Buffer.alloc(0);
  return {
    pass(piece) {
      const all = held.length === 0 ? piece : Buffer.concat([held, piece]);
      const from = Math.max(0, all.length - wanted.length);
      // Its own bytes: the piece is valid during the call only.
      held = Buffer.from(all.subarray(from));
      return all.subarray(0, from);
    },
    get isHere() {
      return held.equals(wanted);
    },
    rest: () => (held.equals(wanted) ? Buffer.alloc(0) : held),
  };
}
