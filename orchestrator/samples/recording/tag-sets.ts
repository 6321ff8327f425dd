import { parseCsvRecord } from '../record/csv-record.ts';

/** The tags of a sample, the same object for the same tags: readers can decide once per set instead of once per sample. */
export interface TagSet {
  /** Counts up from 0: usable as an array index. */
  readonly id: number;
  readonly tags: Readonly<Record<string, string>>;
  /** False for what setup() and teardown() send: it is not part of the load. */
  readonly inLoad: boolean;
  /** Too many different sets were seen, so `name`, `url` and the script's own tags were left out of this one. */
  readonly folded: boolean;
}

export interface TagSets {
  /** `record` is the text of the tag columns as they stand in the file. */
  of(record: string): TagSet;
  readonly size: number;
  readonly folded: boolean;
}

/** A script that puts ids into URLs makes a new set for each request; from this number on they are folded together. */
export const MAX_TAG_SETS = 5000;

/** @param columns the names of the tag columns in their order, `extra_tags` among them */
export function createTagSets(columns: readonly string[], limit: number = MAX_TAG_SETS): TagSets {
  const known = new Map<string, TagSet>();
  let folded = false;

  function intern(tags: Record<string, string>, isFolded: boolean): TagSet {
    const key = JSON.stringify(Object.entries(tags).sort(byKey));
    const found = known.get(key);
    if (found) return found;
    if (known.size >= limit && !isFolded) {
      folded = true;
      return intern(fold(tags), true);
    }
    const group = tags.group ?? '';
    const set: TagSet = {
      id: known.size,
      tags: Object.freeze(tags),
      inLoad: !(group.startsWith('::setup') || group.startsWith('::teardown')),
      folded: isFolded,
    };
    known.set(key, set);
    return set;
  }

  return {
    of: (record) => intern(parseTags(columns, record), false),
    get size() {
      return known.size;
    },
    get folded() {
      return folded;
    },
  };
}

/**
 * Splits `a=1&b=2`. k6 joins the pairs without escaping anything, so a value with `&` cannot be told from two pairs:
 * a piece without `=` is put back onto the value before it, the rest has to be taken as it stands.
 */
export function parsePairs(text: string): Record<string, string> {
  const pairs: Record<string, string> = Object.create(null);
  let last = '';
  if (text === '') return pairs;
  for (const piece of text.split('&')) {
    const equals = piece.indexOf('=');
    if (equals < 0) {
      if (last !== '') pairs[last] += `&${piece}`;
      continue;
    }
    last = piece.slice(0, equals);
    pairs[last] = piece.slice(equals + 1);
  }
  return pairs;
}

function parseTags(columns: readonly string[], record: string): Record<string, string> {
  const fields = parseCsvRecord(record);
  const tags: Record<string, string> = Object.create(null);
  for (let i = 0; i < columns.length; i++) {
    const value = fields[i];
    const column = columns[i];
    if (value === undefined || value === '' || column === undefined) continue;
    if (column === 'extra_tags') Object.assign(tags, parsePairs(value));
    else tags[column] = value;
  }
  return tags;
}

/** What is left has few values by nature (k6's own enumerations and the script's scenario and group names). */
function fold(tags: Record<string, string>): Record<string, string> {
  const kept: Record<string, string> = Object.create(null);
  for (const key of ['expected_response', 'error_code', 'group', 'method', 'scenario', 'status']) {
    const value = tags[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}

function byKey(a: [string, string], b: [string, string]): number {
  return a[0] < b[0] ? -1 : 1;
}
