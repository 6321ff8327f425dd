import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { type DefinitionIssue, type IssueText, issueAtPlace } from '../issues/definition-error.ts';
import { describeValue, UNSAFE } from '../issues/inert.ts';
import type { Path, Place, Source } from '../issues/source.ts';
import type { TextFile } from './read-text.ts';

const MAX_NODES = 20_000;
const MAX_DEPTH = 24;
const MAX_ALIASES = 20;
const MAX_ISSUES_HERE = 200;
/** Keys by which careless code could be made to change the prototype of all objects. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

interface Places {
  readonly key: Place;
  readonly value: Place;
}

/**
 * Converts the parsed tree to plain data in one bounded walk and notes the place of each key and value. What an alias stands
 * for counts as often as it is used, so that a small text cannot become large data.
 */
export function toData(
  root: Node,
  document: Document,
  file: TextFile & { readonly place: (offset: number) => Place },
): { data: unknown; issues: DefinitionIssue[]; placeOf: Source['placeOf'] } {
  const places = new Map<string, Places>();
  const issues: DefinitionIssue[] = [];
  let nodes = 0;
  let aliases = 0;
  /** What the aliases that are being followed stand for. */
  const open = new Set<Node>();

  const start = offsetOf(root) ?? 0;
  const data = convert(root, [], file.place(start), undefined);
  return { data, issues, placeOf };

  /** `at` is where the value is used: for what an alias stands for, the alias. */
  function convert(node: unknown, path: Path, keyPlace: Place, at: Place | undefined): unknown {
    const offset = offsetOf(node);
    const place = at ?? (offset === undefined ? keyPlace : file.place(offset));
    places.set(JSON.stringify(path), { key: keyPlace, value: place });
    nodes += 1;
    if (nodes > MAX_NODES) return refuse(place, path, TOO_MUCH);
    if (path.length > MAX_DEPTH) return refuse(place, path, TOO_DEEP);
    if (hasTag(node))
      return refuse(place, path, { rule: 'YAML tags are not supported', fix: 'remove the tag' });
    if (isAlias(node)) return convertAlias(node, path, keyPlace, place);
    if (isMap(node)) return convertMap(node, path, at);
    if (isSeq(node)) {
      return node.items.map((item, i) => {
        const itemOffset = offsetOf(item);
        const itemPlace = at ?? (itemOffset === undefined ? place : file.place(itemOffset));
        return convert(item, [...path, i], itemPlace, at);
      });
    }
    return isScalar(node) ? convertScalar(node, path, place) : null;
  }

  function convertAlias(node: Alias, path: Path, keyPlace: Place, place: Place): unknown {
    aliases += 1;
    if (aliases > MAX_ALIASES + 1) return undefined;
    if (aliases > MAX_ALIASES) {
      return refuse(place, path, {
        rule: `more than ${MAX_ALIASES} aliases (after expansion)`,
        fix: 'write the values out',
      });
    }
    const target = node.resolve(document);
    if (target === undefined) {
      return refuse(place, path, { rule: 'this alias stands for nothing', fix: 'write the value out' });
    }
    if (open.has(target)) {
      return refuse(place, path, { rule: 'this alias contains itself', fix: 'write the value out' });
    }
    open.add(target);
    const value = convert(target, path, keyPlace, place);
    open.delete(target);
    return value;
  }

  function convertMap(map: YAMLMap, path: Path, at: Place | undefined): unknown {
    const result: Record<string, unknown> = {};
    const seen = new Map<string, Place>();
    for (const pair of map.items) {
      const keyOffset = offsetOf(pair.key);
      const place = at ?? file.place(keyOffset ?? offsetOf(map) ?? 0);
      const key = isScalar(pair.key) && !hasTag(pair.key) ? pair.key.value : undefined;
      if (typeof key !== 'string' || key === '') {
        const value = isScalar(pair.key) ? describeValue(pair.key.value) : undefined;
        refuse(place, path, { rule: 'a key must be a text', fix: 'put the key in quotes', value });
        continue;
      }
      const first = seen.get(key);
      const keyPath = [...path, key];
      if (first !== undefined) {
        refuse(place, keyPath, {
          rule: `this key is here twice (first on line ${first.line})`,
          fix: 'remove one of the two',
        });
      } else if (FORBIDDEN_KEYS.has(key)) {
        refuse(place, keyPath, { rule: 'this key is not allowed', fix: 'remove it' });
      } else if (key === '<<') {
        refuse(place, keyPath, { rule: 'merge keys are not supported', fix: 'write the keys out' });
      } else if (hasUnsafe(key) || key.length > 200) {
        refuse(place, keyPath, { rule: 'a key must be short, visible text', fix: 'rename the key' });
      } else {
        seen.set(key, place);
        result[key] = convert(pair.value, keyPath, place, at);
      }
    }
    return result;
  }

  function convertScalar(node: Scalar, path: Path, place: Place): unknown {
    const value = node.value;
    if (typeof value === 'string' && hasUnsafe(value)) {
      return refuse(place, path, {
        rule: 'control and invisible characters are not allowed',
        fix: 'remove the escape',
        value: describeValue(value),
      });
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      return refuse(place, path, {
        rule: 'must be a number with an end',
        fix: 'write the number',
        value: `${value}`,
      });
    }
    // Dates, bytes and the like come with tags only, which are refused above.
    return value;
  }

  function refuse(place: Place, path: Path, text: IssueText): undefined {
    if (issues.length < MAX_ISSUES_HERE) issues.push(issueAtPlace(file, place, path, text));
    return undefined;
  }

  function placeOf(path: Path, part: 'key' | 'value' = 'value'): Place {
    for (let length = path.length; length >= 0; length--) {
      const found = places.get(JSON.stringify(path.slice(0, length)));
      // For something that is missing, the key of what it is missing from says more than where that begins.
      if (found !== undefined) return length === path.length ? found[part] : found.key;
    }
    return { line: 1, column: 1 };
  }
}

const TOO_MUCH = { rule: 'the document has too many parts', fix: 'split it into smaller drills' };
const TOO_DEEP = {
  rule: 'the document is nested too deeply',
  fix: 'no definition needs more than a few levels',
};

function hasUnsafe(text: string): boolean {
  return text.replace(/[\t\n\r]/g, '').search(UNSAFE) !== -1;
}

function hasTag(node: unknown): boolean {
  return typeof node === 'object' && node !== null && 'tag' in node && node.tag !== undefined;
}

function offsetOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  return Array.isArray(node.range) ? (node.range[0] as number) : undefined;
}
