import { createSequence } from './sequence.ts';

export interface Edit {
  readonly seq: number;
  readonly key: string;
  readonly value: string;
  /** Version of the newest change of the key that its author knew; 0: none. */
  readonly base: number;
}

/** An edit that was applied, as everybody in the session hears of it. */
export interface Change extends Edit {
  readonly version: number;
  readonly by: string;
  readonly overwrites: { readonly by: string; readonly seq: number } | null;
}

/** The newest version of each key, and its value. */
export type State = Readonly<Record<string, { readonly value: string; readonly version: number }>>;

export interface SharedMember {
  /** The newest change of the key that this member knows. */
  knows(key: string): number;
  /** A new edit, which counts as unanswered from now on. */
  edit(key: string, value: string, base: number): Edit;
  /** Those of which nobody has heard, as far as is known: to be sent again, in this order. */
  unanswered(): readonly Edit[];
  /** True for a change that this member has not heard of before. */
  hear(change: Change): boolean;
  /** The newest version that was heard. */
  version(): number;
  account(): SharedAccount;
  /** Keys of which the session has another value than the newest change. */
  wrong(state: State): number;
}

export interface SharedAccount {
  readonly lost: number;
  readonly repeated: number;
  readonly reordered: number;
  /** Changes that overwrote another one unseen, where one of the two is this member's; and those of them that did not say so. */
  readonly conflicts: number;
  readonly untold: number;
}

/** What one member of a shared session knows, and whether it is all that it should know: `edits` of each of the members. */
export const createSharedMember = (own: string, members: readonly string[], edits: number): SharedMember => {
  const heard = new Map(members.map((member) => [member, createSequence()]));
  for (const sequence of heard.values()) for (let seq = 0; seq < edits; seq++) sequence.sent(seq);
  const waiting = new Map<number, Edit>();
  const newest = new Map<string, Change>();
  const history: Change[] = [];
  const counts = { repeated: 0, reordered: 0 };
  let made = 0;
  let version = 0;

  return {
    knows: (key) => newest.get(key)?.version ?? 0,
    edit(key, value, base) {
      const edit = { seq: made, key, value, base };
      made += 1;
      waiting.set(edit.seq, edit);
      return edit;
    },
    unanswered: () => [...waiting.values()],
    hear(change) {
      version = Math.max(version, change.version);
      if (change.by === own) waiting.delete(change.seq);
      const kind = heard.get(change.by)?.take(change.seq) ?? 'unknown';
      if (kind === 'duplicate' || kind === 'unknown') {
        counts.repeated += 1;
        return false;
      }
      if (kind === 'reordered') counts.reordered += 1;
      history.push(change);
      if (change.version > (newest.get(change.key)?.version ?? 0)) newest.set(change.key, change);
      return true;
    },
    version: () => version,
    account: () => ({
      ...counts,
      ...conflictsOf(own, history),
      lost: [...heard.values()].reduce((sum, sequence) => sum + sequence.missing().length, 0),
    }),
    wrong: (state) =>
      [...newest].filter(([key, change]) => {
        const kept = state[key];
        // Of a newer change this member did not hear: that is lost, and counted as such.
        return kept?.version === change.version && kept.value !== change.value;
      }).length,
  };
};

/** Judged at the end, in the order of the session: what came late was told nevertheless. */
const conflictsOf = (own: string, history: Change[]): { conflicts: number; untold: number } => {
  const newest = new Map<string, Change>();
  let conflicts = 0;
  let untold = 0;
  let last = 0;
  for (const change of [...history].sort((a, b) => a.version - b.version)) {
    // What was lost in between may be what was overwritten.
    if (change.version !== last + 1) newest.clear();
    last = change.version;
    const before = newest.get(change.key);
    newest.set(change.key, change);
    if (before === undefined || before.version <= change.base || before.by === change.by) continue;
    if (before.by !== own && change.by !== own) continue;
    conflicts += 1;
    const { overwrites } = change;
    if (overwrites?.by !== before.by || overwrites.seq !== before.seq) untold += 1;
  }
  return { conflicts, untold };
};
