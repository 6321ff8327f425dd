import path from 'node:path';
import picocolors from 'picocolors';
import stringWidth from 'string-width';
import type { Cause, FaultResult, Outcome, Verdict } from '../verdict.types.ts';
import { evidenceLegs } from './text/evidence.ts';
import { burnRate, count, measured, share } from './text/format.ts';
import { isFolded, MEANING, reasonsToShow, SYMBOL, whatToDo, worstFirst } from './text/headline.ts';
import { impactTexts } from './text/impact.ts';
import { machineRows } from './text/machine.ts';
import {
  columns,
  command,
  hanging,
  noWorkflowCommand,
  shortPath,
  terminalLine,
} from './text/terminal-text.ts';
import { duplicatedText } from './text/writes.ts';

export interface TerminalLook {
  /** Decided by the caller (a terminal, no NO_COLOR). Words and symbols say the same without. */
  readonly color: boolean;
  /** Columns; tables that do not fit take two lines for each row. */
  readonly width: number;
  /** Of the run; its report is named at the end. */
  readonly directory?: string;
}

/** The end of a drill in a terminal: verdict, reasons, objectives, faults, writes, what was left behind, and the report's path. */
export function renderVerdict(verdict: Verdict, look: TerminalLook): string {
  const paint = painter(look.color);
  const width = Math.max(24, look.width);
  const seen = verdict.faults.filter((fault) => !isFolded(fault));
  const lines = [
    '',
    paint[verdict.verdict](`${SYMBOL[verdict.verdict]} ${verdict.verdict}`, true),
    ...hanging('  ', MEANING[verdict.verdict], width),
    ...renderReasons(verdict, width),
    ...heading('Objectives', objectiveRows(verdict, paint), [3], width, paint),
    ...heading('Faults', faultRows(seen, paint), [2, 3, 4, 5], width, paint),
    ...evidence(seen, width, paint),
    ...heading('Probes', probeRows(verdict, paint), [], width, paint),
    ...writes(verdict, width, paint),
    ...budget(verdict, width, paint),
    ...machine(verdict, width, paint),
    ...unmeasured(verdict, width),
    ...residue(verdict, width, paint),
    ...(look.directory === undefined
      ? []
      : [
          '',
          `${paint.bold('Report')}  ${terminalLine(shortPath(path.join(look.directory, 'report.html')))}`,
          ...last(verdict, width, paint),
        ]),
  ];
  return lines.map((line) => noWorkflowCommand(line.trimEnd())).join('\n');
}

/** One line: the report has the list. */
function unmeasured({ unmeasured: rows = [] }: Verdict, width: number): string[] {
  if (rows.length === 0) return [];
  const what = rows.length === 1 ? 'promise' : 'promises';
  return [
    '',
    ...hanging(
      '',
      `${count(rows.length)} ${what} of its systems this drill does not measure: see the report`,
      width,
    ),
  ];
}

/** Why: cause, consequence, what to do, and in one line what was not measured because of it. */
export function renderReasons(verdict: Verdict, width: number): string[] {
  return reasonsToShow(verdict).flatMap((reason) => [
    ...hanging('  • ', terminalLine([reason.cause, reason.consequence ?? ''].join(' ').trim()), width),
    ...whatToDo(reason).flatMap((text) => hanging('    ', terminalLine(text), width)),
    ...(reason.notMeasured.length === 0 ? [] : [missed(reason.notMeasured, width)]),
  ]);
}

/** As many names as fit into one line. */
function missed(rows: Cause['notMeasured'], width: number): string {
  const names = rows.map(({ name }) => terminalLine(name));
  for (let shown = names.length; shown > 0; shown -= 1) {
    const left = names.length - shown;
    const line = `    Not measured: ${names.slice(0, shown).join(', ')}${left === 0 ? '' : `, and ${count(left)} more`}`;
    if (stringWidth(line) <= width) return line;
  }
  return '    Not measured: see the report';
}

/** What the load ran on, and whether that stood still; the report has the rest. */
function machine({ machine }: Verdict, width: number, paint: Painter): string[] {
  if (machine === undefined) return [];
  const rows = machineRows(machine).slice(0, 3);
  const line = rows.map(([name, text]) => `${name.toLowerCase()}: ${text}`).join('; ');
  return ['', ...hanging(`${paint.bold('The machine')}  `, terminalLine(line), width)];
}

/** The verdict once more: in a short terminal the first one has scrolled away. */
function last(verdict: Verdict, width: number, paint: Painter): string[] {
  return hanging(
    `${paint[verdict.verdict](`${SYMBOL[verdict.verdict]} ${verdict.verdict}`, true)}  `,
    terminalLine(`${verdict.drill} on ${verdict.environment}`),
    width,
  );
}

type Painter = ReturnType<typeof painter>;

function painter(color: boolean) {
  const c = picocolors.createColors(color);
  const tone =
    (plainTone: (text: string) => string, block: (text: string) => string) =>
    (text: string, loud = false) =>
      loud ? block(c.bold(text)) : plainTone(text);
  return {
    PASS: tone(c.green, (text) => c.bgGreen(c.black(text))),
    FAIL: tone(c.red, (text) => c.bgRed(c.white(text))),
    INVALID: tone(c.yellow, (text) => c.bgYellow(c.black(text))),
    dim: c.dim,
    bold: c.bold,
  };
}

function result(outcome: Outcome, paint: Painter): string {
  return paint[outcome](`${SYMBOL[outcome]} ${outcome}`);
}

function objectiveRows(verdict: Verdict, paint: Painter): string[][] {
  const rows = worstFirst(verdict.objectives.filter((row) => !isFolded(row))).map((row) => [
    result(row.result, paint),
    terminalLine(`${row.name} [${row.phase}]`),
    terminalLine(row.target),
    measured(row.measured, row.target),
    paint.dim(`${count(row.samples)} ${row.samples === 1 ? 'sample' : 'samples'}`),
  ]);
  return rows;
}

function faultRows(faults: readonly FaultResult[], paint: Painter): string[][] {
  if (faults.length === 0) return [];
  const header = ['', '', 'downtime', 'detected', 'recovered', 'failed'].map((title) => paint.dim(title));
  return [
    header,
    ...faults.map((fault) => {
      const { downtime, detected, recovered, failed } = impactTexts(fault);
      return [
        result(fault.result, paint),
        terminalLine(`${fault.name} (${fault.kind} ${fault.component})`),
        ...[downtime, detected, recovered, failed],
      ];
    }),
  ];
}

/** In, in use, out: what was observed of each fault. Of many sentences the first few; the report has all. */
function evidence(faults: readonly FaultResult[], width: number, paint: Painter): string[] {
  if (faults.length === 0) return [];
  const lines = faults.flatMap((fault) => [
    `  ${terminalLine(fault.name)}`,
    ...evidenceLegs(fault).flatMap(({ leg, lines, isSeen }) => {
      const more =
        lines.length > SHOWN_SENTENCES ? ` (and ${count(lines.length - SHOWN_SENTENCES)} more)` : '';
      const text = `${terminalLine(lines.slice(0, SHOWN_SENTENCES).join('; '))}${more}`;
      return hanging(`    ${isSeen ? leg.padEnd(6) : paint.INVALID(leg.padEnd(6))}  `, text, width);
    }),
  ]);
  return ['', paint.bold('Evidence'), ...lines];
}

function probeRows(verdict: Verdict, paint: Painter): string[][] {
  return worstFirst(verdict.probes.filter((row) => !isFolded(row))).map((row) => [
    result(row.result, paint),
    terminalLine(row.name),
    terminalLine(row.target),
    terminalLine(row.measured),
  ]);
}

function writes({ writes }: Verdict, width: number, paint: Painter): string[] {
  if (writes === null) return [];
  const ids = (label: string, list: readonly string[]) =>
    list.length === 0
      ? []
      : hanging(
          '  ',
          `${label}: ${list.slice(0, SHOWN_IDS).map(terminalLine).join(', ')}${list.length > SHOWN_IDS ? ` and ${count(list.length - SHOWN_IDS)} more, all in the report` : ''}`,
          width,
        );
  return [
    '',
    paint.bold('Writes'),
    ...hanging(
      '  ',
      `${result(writes.result, paint)}  ${count(writes.acknowledged)} acknowledged${writes.result === 'INVALID' ? `; ${terminalLine(writes.reason)}` : `, ${count(writes.present)} present, ${count(writes.lost)} lost, ${duplicatedText(writes)}`}`,
      width,
    ),
    ...ids('lost', writes.lostIds),
    ...ids('duplicated', writes.duplicatedIds),
  ];
}

/** Only the phase that burnt fastest: the report has the others. */
function budget(verdict: Verdict, width: number, paint: Painter): string[] {
  const worst = verdict.budget.reduce<Verdict['budget'][number] | null>(
    (top, row) => (top === null || row.burnRate > top.burnRate ? row : top),
    null,
  );
  if (worst === null || worst.burnRate === 0) return [];
  return [
    '',
    paint.bold('Error budget'),
    ...hanging(
      '  ',
      `${terminalLine(worst.objective)}: ${terminalLine(worst.phase)} spent ${share(worst.consumed)} of ${terminalLine(worst.window)}, burn rate ${burnRate(worst.burnRate)}`,
      width,
    ),
  ];
}

function residue(verdict: Verdict, width: number, paint: Painter): string[] {
  if (verdict.residue.length === 0) return [];
  return [
    '',
    paint.FAIL(`! LEFT BEHIND: ${verdict.residue.length}`, true),
    // A command is for copying: it stays on one line of its own.
    ...verdict.residue.flatMap((left) => [
      ...hanging('  ', terminalLine(left.what), width),
      `    ${command(left.command)}`,
    ]),
    '  or: squall recover',
  ];
}

/** A titled table, or, where it is wider than the terminal, two lines for each row: what it is about, and the rest. */
function heading(title: string, rows: string[][], right: number[], width: number, paint: Painter): string[] {
  if (rows.length === 0) return [];
  const table = columns(rows, right).map((line) => `  ${line}`);
  const fits = table.every((line) => stringWidth(line) <= width);
  const [header] = rows;
  const titled = header?.[0] === paint.dim('') && header[1] === paint.dim('');
  const stacked = (titled ? rows.slice(1) : rows).flatMap(([first = '', second = '', ...cells]) => {
    const rest = cells.map((cell, index) => (titled ? `${header[index + 2]} ${cell}` : cell));
    return [...hanging(`  ${first}  `, second, width), ...hanging('    ', rest.join(' · '), width)];
  });
  return ['', paint.bold(title), ...(fits ? table : stacked)];
}

const SHOWN_IDS = 10;
const SHOWN_SENTENCES = 3;
