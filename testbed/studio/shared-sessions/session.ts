/** One edit, as its author sends it. */
export interface Edit {
  /** Counts the author's edits from 0. Sent again under the same number, it is applied once. */
  readonly seq: number;
  readonly key: string;
  readonly value: string;
  /** Version of the newest change of this key that the author knew; 0: none. */
  readonly base: number;
}

/** An edit that was applied. Everybody in the session gets it, its author too. */
export interface Change extends Edit {
  /** Counts the changes of the session from 1. */
  readonly version: number;
  readonly by: string;
  /** Somebody else's change that its author did not know: the last write wins, and this tells both. */
  readonly overwrites: { readonly by: string; readonly seq: number } | null;
}

export interface SharedSession {
  /** Undefined: it was applied before. @throws Error when an earlier edit of the author has not come */
  apply(by: string, edit: Edit): Change | undefined;
  since(version: number): readonly Change[];
  /** The value of each key, and the version of its newest change. */
  state(): Readonly<Record<string, { readonly value: string; readonly version: number }>>;
}

/** What several people change at the same time: each change once, those of one author in order, and of two writes the last one wins. */
export function createSharedSession({
  firstWins = () => false,
}: {
  readonly firstWins?: () => boolean;
} = {}): SharedSession {
  const changes: Change[] = [];
  const newest = new Map<string, Change>();
  const values = new Map<string, string>();
  const next = new Map<string, number>();
  return {
    apply(by, edit) {
      const expected = next.get(by) ?? 0;
      if (edit.seq < expected) return undefined;
      if (edit.seq > expected) throw new Error(`edit ${expected} has not come`);
      next.set(by, expected + 1);
      const before = newest.get(edit.key);
      const isConflict = before !== undefined && before.version > edit.base && before.by !== by;
      const overwrites = isConflict ? { by: before.by, seq: before.seq } : null;
      const change: Change = { ...edit, version: changes.length + 1, by, overwrites };
      changes.push(change);
      newest.set(edit.key, change);
      if (!isConflict || !firstWins()) values.set(edit.key, edit.value);
      return change;
    },
    since: (version) => changes.slice(version),
    state: () =>
      Object.fromEntries(
        [...newest].map(([key, { version }]) => [key, { value: values.get(key) ?? '', version }]),
      ),
  };
}
