import { parseCsvRecord } from '../record/csv-record.ts';

/** The tags of a sample, the same object for the same tags: readers can decide once per set instead of once per sample. */
export interface TagSet {
  /** Counts up from 0: usable as an array index. */
  readonly id: number;
  readonly tags: Readonly<Record<string, string>>;
  /** False for what setup() and teardown() send: it is not part of the load. */
  readonly inLoad: boolean;
  /** Set when a tag of the script has an `&` in it: what stands behind it may be a tag or a part of the value. */
  readonly ambiguous?: string;
  /** Too many different sets were seen, so `name`, `url` and the script's own tags were left out of this one. */
  readonly folded: boolean;
}

export interface TagSets {
  /** `record` is the text of the tag columns as they stand in the file. */
  of(record: string): TagSet;
  /** setup() is over: the first sample of a scenario has come. */
  begin(): void;
  readonly size: number;
  readonly folded: boolean;
}

/** A script that puts ids into URLs makes a new set for each request; from this number on they are folded together. */
export const MAX_TAG_SETS = 5000;

/** @param columns the names of the tag columns in their order, `extra_tags` among them */
export function createTagSets(columns: readonly string[], limit: number = MAX_TAG_SETS): TagSets {
  const known = new Map<string, TagSet>();
  const own = new Set(columns.filter((column) => column !== 'extra_tags'));
  const hasScenario = own.has('scenario');
  let folded = false;
  let hasBegun = false;

  function intern(tags: Record<string, string>, isFolded: boolean, ambiguous?: string): TagSet {
    const inLoad = isLoad(tags);
    const key = JSON.stringify([Object.entries(tags).sort(byKey), inLoad, ambiguous !== undefined]);
    const found = known.get(key);
    if (found) return found;
    if (known.size >= limit && !isFolded) {
      folded = true;
      return intern(fold(tags), true, ambiguous);
    }
    const set: TagSet = {
      id: known.size,
      tags: Object.freeze(tags),
      inLoad,
      folded: isFolded,
      ...(ambiguous === undefined ? {} : { ambiguous }),
    };
    known.set(key, set);
    return set;
  }

  /**
   * Only samples of setup() and teardown() have no scenario, however a script calls its groups. But a script can empty the tag of a
   * request: one without a scenario is load, too, when setup() is over and its group is not k6's own for teardown(). k6's own numbers,
   * such as `vus`, have neither scenario nor group.
   */
  function isLoad({ scenario = '', group = '' }: Readonly<Record<string, string>>): boolean {
    if (scenario !== '' || group === '' || !hasScenario) return true;
    return hasBegun && !/^::teardown(::|$)/.test(group);
  }

  return {
    of(record) {
      const { tags, ambiguous } = parseTags(columns, own, record);
      return intern(tags, false, ambiguous);
    },
    begin() {
      hasBegun = true;
    },
    get size() {
      return known.size;
    },
    get folded() {
      return folded;
    },
  };
}

/**
 * Splits `a=1&b=2`. k6 joins the pairs without escaping anything and in any order, so a value with `&` in it looks like several pairs.
 * What cannot be a tag is put back onto the value before it: a piece without `=`, a key that has been there, and a key that k6 has a
 * column for. The rest is taken as it stands.
 */
export function parsePairs(text: string, columns: ReadonlySet<string> = NONE): Record<string, string> {
  const pairs: Record<string, string> = Object.create(null);
  let last: string | null = null;
  if (text === '') return pairs;
  for (const piece of text.split('&')) {
    const equals = piece.indexOf('=');
    const key = piece.slice(0, Math.max(0, equals));
    if (equals < 0 || key in pairs || columns.has(key)) {
      if (last !== null) pairs[last] += `&${piece}`;
      continue;
    }
    last = key;
    pairs[key] = piece.slice(equals + 1);
  }
  return pairs;
}

const NONE: ReadonlySet<string> = new Set();

/** k6's own columns are taken as they are, empty or not; the script's tags never replace one. */
function parseTags(
  columns: readonly string[],
  own: ReadonlySet<string>,
  record: string,
): { tags: Record<string, string>; ambiguous?: string } {
  const fields = parseCsvRecord(record);
  const tags: Record<string, string> = Object.create(null);
  let extra = '';
  for (let i = 0; i < columns.length; i++) {
    const value = fields[i];
    const column = columns[i];
    if (value === undefined || value === '' || column === undefined) continue;
    if (column === 'extra_tags') extra = value;
    else tags[column] = value;
  }
  const pairs = parsePairs(extra, own);
  for (const key of Object.keys(pairs)) tags[key] = pairs[key] as string;
  return Object.values(pairs).some((value) => value.includes('&')) ? { tags, ambiguous: extra } : { tags };
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
