import { code, pipeTable, text } from '../report/text/markdown-text.ts';
import { registerOutcome, tallyText } from './outcome.ts';
import {
  AREA_TITLES,
  areaCells,
  lastText,
  linesOf,
  measuredOrNot,
  type RegisterPage,
  troublesOf,
  whyText,
} from './page-cells.ts';

/** register.md: an executive summary, then per area target against measured. */
export function pageMarkdown({ register, rows, runs }: RegisterPage): string {
  const troubles = troublesOf(rows);
  const parts = [
    `# ${registerOutcome(rows)}: what the systems promise`,
    '## Executive summary',
    `${text(tallyText(rows))}. Measured by ${runs.length} runs.`,
    troubles
      .map(
        (row) =>
          `- **${row.result}** ${code(row.id)}, promised ${text(row.bound)}: ${text(measuredOrNot(row))}. ${text(row.reason)}`,
      )
      .join('\n'),
    pipeTable(
      AREA_TITLES.map((title, i) => (i === 0 ? title : `${title}>`)),
      areaCells(register, rows).map((cells) => cells.map(text)),
    ),
    ...Object.entries(register.areas).flatMap(([area, { title }]) => [
      `## ${text(title)}`,
      pipeTable(
        ['Promise', 'Target', 'Measured', 'Result', 'Last', 'Owner', 'Why'],
        linesOf(rows, area).map((line) => [
          line.isPart ? `· ${text(line.name)}` : code(line.name),
          text(line.bound),
          text(measuredOrNot(line)),
          line.result,
          text(lastText(line)),
          text(line.owner),
          text(whyText(line)),
        ]),
      ),
    ]),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
