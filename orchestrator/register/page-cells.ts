import type { Register } from '../../chaos/schema/register.ts';
import type { Measurement, PromiseRow } from '../promises/measure.ts';
import type { MeasuredRun } from '../promises/measured-run.ts';
import { dateTime } from '../report/text/format.ts';
import { tallyOf } from './outcome.ts';
import { measuredText } from './register-text.ts';

/** What one page over many runs shows. */
export interface RegisterPage {
  readonly register: Register;
  readonly rows: readonly PromiseRow[];
  readonly runs: readonly MeasuredRun[];
}

/** One line of an area: a promise, or one of its parts below it. */
export interface PageLine extends Measurement {
  readonly name: string;
  readonly isPart: boolean;
  readonly owner: string;
  readonly means: string;
}

/** The promises of an area, each followed by its parts. */
export function linesOf(rows: readonly PromiseRow[], area: string): PageLine[] {
  return rows
    .filter((row) => row.area === area)
    .flatMap((row) => [
      { ...row, name: row.id, isPart: false },
      ...row.parts.map((part) => ({ ...part, isPart: true, owner: '', means: '' })),
    ]);
}

/** Broken promises first, then those that nobody could tell. */
export function troublesOf(rows: readonly PromiseRow[]): PromiseRow[] {
  return [
    ...rows.filter(({ result }) => result === 'FAIL'),
    ...rows.filter(({ result }) => result === 'INVALID'),
  ];
}

/** Why a line is not a PASS; what is in its parts is said there. */
export function whyText(line: PageLine & { readonly parts?: readonly unknown[] }): string {
  return line.result === 'PASS' || (line.parts?.length ?? 0) > 0 ? '' : line.reason;
}

export function measuredOrNot(line: Measurement): string {
  return measuredText(line) || 'not measured';
}

export function lastText({ at, run, environment }: Measurement): string {
  return at === null ? '' : `${dateTime(at)} UTC, ${run}${environment === null ? '' : ` in ${environment}`}`;
}

export const AREA_TITLES = [
  'Area',
  'Promises',
  'Kept',
  'Broken',
  'Could not tell',
  'Never measured',
  'Listed',
] as const;

/** One line for each area, and one for all of them. */
export function areaCells(register: Register, rows: readonly PromiseRow[]): (readonly string[])[] {
  const cells = (title: string, own: readonly PromiseRow[]) => {
    const { kept, broken, unclear, never, listed } = tallyOf(own);
    return [title, own.length, kept, broken, unclear, never, listed].map(String);
  };
  const areas = Object.entries(register.areas).map(([area, { title }]) =>
    cells(
      title,
      rows.filter((row) => row.area === area),
    ),
  );
  return [...areas, cells('All', rows)];
}
