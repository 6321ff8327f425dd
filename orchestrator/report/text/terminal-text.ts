import path from 'node:path';
import Table from 'cli-table3';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { plain } from './plain.ts';

/**
 * Text of a run on a terminal or in a CI log: one line, no control characters, and nothing that a CI runner takes for a command
 * (`::error::`, `##[group]`, `##vso[…]`, `##teamcity[…]`).
 */
export function terminalLine(text: string): string {
  return plain(text)
    .replace(/(^|\s)::/g, '$1: :')
    .replace(/##(?=[\w]*\[)/g, '# #');
}

/** A command for copying: as it is, unless a CI runner would take it for one of its own. */
export function command(text: string): string {
  return /^\s*::|##\w*\[/.test(text) ? terminalLine(text) : plain(text);
}

/** The last look at a laid-out line: wrapping may have put `::` at its start. */
export function noWorkflowCommand(line: string): string {
  return line.replace(/^(\s*)::/, '$1: :');
}

/** Wrapped to the width, with every line after the first indented as far as the prefix is wide. */
export function hanging(prefix: string, text: string, width: number): string[] {
  const indent = stringWidth(prefix);
  const lines = wrapAnsi(held(text), Math.max(16, width - indent), { hard: true, trim: true })
    .replaceAll('\u00a0', ' ')
    .split('\n');
  return lines.map((line, index) => (index === 0 ? `${prefix}${line}` : `${' '.repeat(indent)}${line}`));
}

/** A number stays with its unit. */
function held(text: string): string {
  return text.replace(/(\d) (?=(?:%|ms|s|min|h)(?!\w))/g, '$1\u00a0');
}

/** Columns as wide as their widest cell, two spaces apart; the columns named are right-aligned. */
export function columns(
  rows: readonly (readonly string[])[],
  rightAligned: readonly number[] = [],
): string[] {
  if (rows.length === 0) return [];
  const table = new Table({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: (rows[0] ?? []).map((_, index) => (rightAligned.includes(index) ? 'right' : 'left')),
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '' },
  ...{ 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '' },
  ...{ right: '', 'right-mid': '', middle: '  ' },
};

/** Relative below the working directory, absolute elsewhere. */
export function shortPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? path.resolve(file) : relative;
}
