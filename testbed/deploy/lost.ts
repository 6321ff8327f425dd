/** Ready pods of a component: uid to restarts. */
export type Ready = ReadonlyMap<string, number>;

export interface Losses {
  /** Pods that were ready before and are not now, if fewer are ready than wanted. */
  readonly lost: number;
  readonly restarted: number;
  /** What to compare the next look with; undefined: it was never complete, so it is still being set up. */
  readonly before: Ready | undefined;
}

/**
 * Not every missing pod is lost: an autoscaler that wants more, and waits for them, has lost none. And not every pod that is gone is
 * lost: a rolling update always has as many ready as are wanted.
 */
export function compare(before: Ready | undefined, ready: Ready, wanted: number): Losses {
  const missing = Math.max(0, wanted - ready.size);
  const known = before ?? new Map<string, number>();
  const gone = [...known.keys()].filter((uid) => !ready.has(uid)).length;
  const restarted = [...ready].filter(([uid, restarts]) => restarts > (known.get(uid) ?? restarts)).length;
  // As many as before are enough: else a loss would stay open as long as the autoscaler waits, and hide the next one.
  const isWhole = missing === 0 || (before !== undefined && ready.size >= before.size);
  return { lost: Math.min(missing, gone), restarted, before: isWhole ? ready : before };
}
