import { dateTime } from '../text/format.ts';
import { SYMBOL } from '../text/headline.ts';
import { pipeTable, text } from '../text/markdown-text.ts';
import { columns, hanging, noWorkflowCommand, terminalLine } from '../text/terminal-text.ts';
import { COLUMNS, groupsOf } from './cells.ts';
import type { ComparedRun, RunComparison } from './compare.types.ts';

/** The table of differences for a terminal. */
export function compareTerminal(comparison: RunComparison, look: { readonly width: number }): string {
  const width = Math.max(40, look.width);
  const lines = [
    '',
    ...sides(comparison).flatMap(([name, side]) => hanging(`${name}  `, terminalLine(sideText(side)), width)),
    '',
    ...comparison.notes.flatMap((note) => hanging('  • ', terminalLine(note), width)),
  ];
  for (const { title, rows } of groupsOf(comparison)) {
    const cells = rows.map((one) => one.cells.map(terminalLine));
    lines.push(
      '',
      title,
      ...columns([['', 'A', 'B', 'change', ''], ...cells], [3]).map((line) => `  ${line}`),
    );
  }
  return lines.map((line) => noWorkflowCommand(line.trimEnd())).join('\n');
}

/** The same as GitHub-flavoured Markdown. */
export function compareMarkdown(comparison: RunComparison): string {
  const parts = [
    `# ${text(comparison.a.run)} and ${text(comparison.b.run)}`,
    sides(comparison)
      .map(([name, side]) => `- **${name}**: ${text(sideText(side))}`)
      .join('\n'),
    comparison.notes.map((note) => `- ${text(note)}`).join('\n'),
    ...groupsOf(comparison).flatMap(({ title, rows }) => [
      `## ${title}`,
      pipeTable(
        COLUMNS.map((column, i) => (i > 0 && i < 4 ? `${column}>` : column)),
        rows.map((one) => one.cells.map(text)),
      ),
    ]),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function sides({ a, b }: RunComparison): [name: string, side: ComparedRun][] {
  return [
    ['A', a],
    ['B', b],
  ];
}

export function sideText({ run, of, environment, startedAt, verdict }: ComparedRun): string {
  return [
    `${SYMBOL[verdict]} ${verdict}`,
    run,
    environment === null ? of : `${of} on ${environment}`,
    ...(startedAt === null ? [] : [`${dateTime(startedAt)} UTC`]),
  ].join(' · ');
}
