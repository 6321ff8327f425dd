import { changeText, valueText } from '../text/value-text.ts';
import type { DifferenceRow, RunComparison } from './compare.types.ts';

export const COLUMNS = ['what', 'A', 'B', 'change', ''] as const;

export interface RowGroup {
  readonly title: string;
  readonly rows: readonly { readonly row: DifferenceRow; readonly cells: readonly string[] }[];
}

/** The rows in words, by group, in the order of COLUMNS. Within a group, what got worse comes first. */
export function groupsOf({ rows }: RunComparison): RowGroup[] {
  return [...new Set(rows.map(({ group }) => group))].map((title) => ({
    title,
    rows: rows
      .filter(({ group }) => group === title)
      .sort((a, b) => Number(b.outcome === 'worse') - Number(a.outcome === 'worse'))
      .map((row) => ({ row, cells: cellsOf(row) })),
  }));
}

function cellsOf(row: DifferenceRow): string[] {
  const { name, a, b, aResult, bResult, change, outcome } = row;
  return [
    name,
    sideText(row, a, aResult),
    sideText(row, b, bResult),
    change === null ? '' : changeText(change),
    outcome === 'same' ? '' : outcome,
  ];
}

function sideText(row: DifferenceRow, value: DifferenceRow['a'], result: string | undefined): string {
  if (value === undefined) return '';
  return [valueText(row, value), ...(result === undefined ? [] : [result])].join(' · ');
}
