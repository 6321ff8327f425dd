export interface Sequence {
  /** What the answer with this number is: new, overtaken by a later one, one too many, or to nothing that was sent. */
  take(seq: number): 'new' | 'reordered' | 'duplicate' | 'unknown';
  /** Those that were sent and never answered. */
  missing(): number[];
  sent(seq: number): void;
}

/** Tracks the numbers of one stream. A number is reordered when a later one was answered before it. */
export const createSequence = (): Sequence => {
  const waiting = new Set<number>();
  let highestSent = -1;
  let highestTaken = -1;
  return {
    sent(seq) {
      waiting.add(seq);
      if (seq > highestSent) highestSent = seq;
    },
    take(seq) {
      if (seq > highestSent) return 'unknown';
      if (!waiting.delete(seq)) return 'duplicate';
      if (seq < highestTaken) return 'reordered';
      highestTaken = seq;
      return 'new';
    },
    missing: () => [...waiting],
  };
};
