import { count, duration, measured, rate, share } from '../text/format.ts';
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

function valueText({ unit, target }: DifferenceRow, value: number | string | null): string {
  if (typeof value === 'string') return value;
  if (unit === 'target') return measured(value, target ?? '');
  if (unit === 'ms') return duration(value);
  if (unit === 'share') return share(value);
  if (unit === 'per second') return rate(value);
  if (unit === 'ratio') return value === null ? '–' : `${value.toFixed(3)}×`;
  return count(value);
}

/** `+12 %`, `-3.4 %`, `12×`. */
function changeText(change: number): string {
  if (change >= 9) return `${count(Math.round(change + 1))}×`;
  const percent = change * 100;
  const text = percent.toFixed(Math.abs(percent) < 10 ? 1 : 0);
  return Number(text) === 0 ? '0 %' : `${percent > 0 ? '+' : ''}${text} %`;
}
