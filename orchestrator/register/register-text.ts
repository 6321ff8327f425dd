import type { Register } from '../../chaos/schema/register.ts';
import type { Measurement, PromiseResult, PromiseRow } from '../promises/measure.ts';
import { dateTime, measured } from '../report/text/format.ts';
import { columns, hanging, noWorkflowCommand, terminalLine } from '../report/text/terminal-text.ts';
import { tallyText } from './outcome.ts';

/** The register in a terminal: each promise with its bound and its last measurement, by area; then the count of each. */
export function registerText(register: Register, rows: readonly PromiseRow[], width: number): string {
  const lines = Object.entries(register.areas).flatMap(([area, { title }]) => {
    const own = rows.filter((row) => row.area === area);
    if (own.length === 0) return [];
    const table = columns(
      own.map((row) => [
        MARK[row.result],
        row.id,
        terminalLine(row.bound),
        terminalLine(measuredText(row)),
        lastOf(row),
      ]),
    );
    const fits = table.every((line) => line.length <= width);
    return [
      '',
      terminalLine(title),
      ...(fits ? table.map((line) => `  ${line}`) : own.flatMap((row) => stacked(row, width))),
      ...own.flatMap((row) => (fits && row.result !== 'PASS' ? told(`${row.id}: ${row.reason}`, width) : [])),
    ];
  });
  return [...lines, '', tallyText(rows)].map((line) => noWorkflowCommand(line.trimEnd())).join('\n');
}

const MARK: Readonly<Record<PromiseResult, string>> = {
  PASS: '✔ PASS',
  FAIL: '✘ FAIL',
  INVALID: '? INVALID',
  'NOT MEASURED': '– NOT MEASURED',
};

/** What was measured, in its own unit; empty where nothing was. */
export function measuredText({ measured: value, target }: Pick<Measurement, 'measured' | 'target'>): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : measured(value, target ?? '');
}

/** `2026-11-01 10:00:00 spike-1 in staging`. */
function lastOf({ at, run, environment }: PromiseRow): string {
  if (at === null) return '';
  return terminalLine(`${dateTime(at)} ${run}${environment === null ? '' : ` in ${environment}`}`);
}

function stacked(row: PromiseRow, width: number): string[] {
  const details = [
    `promised ${row.bound}`,
    measuredText(row) && `measured ${measuredText(row)}`,
    lastOf(row),
  ];
  return [
    ...hanging(`  ${MARK[row.result]}  `, row.id, width),
    ...hanging('      ', terminalLine(details.filter((text) => text !== '').join(' · ')), width),
    ...(row.result === 'PASS' ? [] : told(row.reason, width)),
  ];
}

function told(text: string, width: number): string[] {
  return hanging('      ', terminalLine(text), width);
}
