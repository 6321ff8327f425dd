import { COMMA, NEWLINE, sameBytes, startsWithWords, wordsOf } from './csv-bytes.ts';
import type { TagSet, TagSets } from './tag-sets.ts';

/** The tags of lines by their text, so that a text is parsed once. */
export interface Tails {
  /** The tail that stands at `at`, when it is one of the last few: its line then ends right behind it, without metadata. */
  recentAt(bytes: Uint8Array, view: DataView, at: number, end: number): Tail | null;
  /** Any tail; `hash` is any hash of its bytes. */
  of(bytes: Uint8Array, from: number, to: number, hash: number, hasMetadata: boolean): TagSet;
}

export interface Tail {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array | null;
  /** With the comma before the metadata. */
  readonly length: number;
  readonly tags: TagSet;
}

export function createTails(tagSets: TagSets): Tails {
  let known = new Map<number, Tail[]>();
  let count = 0;
  const recent: Tail[] = [];

  function find(bytes: Uint8Array, from: number, to: number, hash: number): Tail {
    let list = known.get(hash);
    if (list === undefined) {
      if (count >= MAX_TAILS) {
        known = new Map();
        count = 0;
      }
      list = [];
      known.set(hash, list);
    }
    for (const tail of list) {
      if (sameBytes(tail.bytes, bytes, from, to)) return tail;
    }
    const text = bytes.slice(from, to);
    const tags = tagSets.of(Buffer.from(text).toString('utf8'));
    const tail: Tail = { bytes: text, words: wordsOf(text), length: text.length + 1, tags };
    list.push(tail);
    count += 1;
    return tail;
  }

  return {
    recentAt(bytes, view, at, end) {
      for (let i = 0; i < recent.length; i++) {
        const tail = recent[i] as Tail;
        const { length } = tail;
        if (at + length >= end || bytes[at + length] !== NEWLINE || bytes[at + length - 1] !== COMMA)
          continue;
        if (!startsWithWords(view, at, tail.words as Uint32Array, length - 1)) continue;
        if (i > 0) {
          recent[i] = recent[i - 1] as Tail;
          recent[i - 1] = tail;
        }
        return tail;
      }
      return null;
    },
    of(bytes, from, to, hash, hasMetadata) {
      const tail = find(bytes, from, to, hash);
      if (!hasMetadata && tail.words !== null && !recent.includes(tail)) {
        if (recent.length < RECENT) recent.push(tail);
        else recent[RECENT - 1] = tail;
      }
      return tail.tags;
    },
  };
}

/** Requests of a few names take turns, each with the lines of its iteration. */
const RECENT = 8;
/** Texts that are remembered before the memory starts anew (extra tags come in any order, so one set has several). */
const MAX_TAILS = 20_000;
