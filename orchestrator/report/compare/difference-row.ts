import type { Reading } from '../text/value-text.ts';
import type { DifferenceRow } from './compare.types.ts';

/** One side of a row. */
export interface SideValue {
  readonly value: number | string | null;
  readonly result?: string;
}

interface Named extends Reading {
  readonly group: string;
  readonly name: string;
}

/** A row of the table of differences. `undefined`: this run has nothing of that name. */
export function differenceRow(
  named: Named,
  a: SideValue | undefined,
  b: SideValue | undefined,
): DifferenceRow {
  return {
    ...named,
    ...(a === undefined ? {} : { a: a.value }),
    ...(b === undefined ? {} : { b: b.value }),
    ...(a?.result === undefined ? {} : { aResult: a.result }),
    ...(b?.result === undefined ? {} : { bResult: b.result }),
    change: changeOf(a?.value, b?.value),
    outcome: outcomeOf(a, b),
  };
}

/** Rows for all keys of two lists, in the order of A; what only B has comes last. */
export function matched<T>(
  a: readonly T[],
  b: readonly T[],
  key: (one: T) => string,
): { readonly key: string; readonly a: T | undefined; readonly b: T | undefined }[] {
  const [inA, inB] = [keyed(a, key), keyed(b, key)];
  return [...new Set([...inA.keys(), ...inB.keys()])].map((name) => ({
    key: name,
    a: inA.get(name),
    b: inB.get(name),
  }));
}

/** Two of the same name (two targets for one objective, say) stay two. */
function keyed<T>(all: readonly T[], key: (one: T) => string): Map<string, T> {
  const found = new Map<string, T>();
  for (const one of all) {
    let name = key(one);
    for (let again = 2; found.has(name); again++) name = `${key(one)} (${again})`;
    found.set(name, one);
  }
  return found;
}

function changeOf(a: SideValue['value'] | undefined, b: SideValue['value'] | undefined): number | null {
  if (typeof a !== 'number' || typeof b !== 'number' || a === 0) return null;
  const change = (b - a) / Math.abs(a);
  return Number.isFinite(change) ? change : null;
}

/** The higher, the worse. What is not known has no place among them. */
const RANK: Readonly<Record<string, number>> = { PASS: 0, improved: 0, same: 1, FAIL: 2, regressed: 2 };

function outcomeOf(a: SideValue | undefined, b: SideValue | undefined): DifferenceRow['outcome'] {
  if (b === undefined) return 'only in A';
  if (a === undefined) return 'only in B';
  if (a.result === b.result) return 'same';
  const [before, after] = [RANK[a.result ?? ''], RANK[b.result ?? '']];
  if (before === undefined || after === undefined) return 'changed';
  return after > before ? 'worse' : 'better';
}
