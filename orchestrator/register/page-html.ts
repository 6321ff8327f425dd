import type { PromiseResult } from '../promises/measure.ts';
import { renderPage } from '../report/html/page.ts';
import { section } from '../report/html/sections.ts';
import { badge, table } from '../report/html/table.ts';
import { type Html, html } from '../report/html/template.ts';
import { registerOutcome, tallyText } from './outcome.ts';
import {
  AREA_TITLES,
  areaCells,
  lastText,
  linesOf,
  measuredOrNot,
  type PageLine,
  type RegisterPage,
  troublesOf,
  whyText,
} from './page-cells.ts';

/** register.html: the same as register.md, on a page that loads nothing and runs no script. */
export function pageHtml({ register, rows, runs }: RegisterPage): string {
  const outcome = registerOutcome(rows);
  const troubles = troublesOf(rows);
  return renderPage({
    title: `${outcome}: what the systems promise`,
    scripts: "'none'",
    body: html`<main>
<header class="hero ${outcome.toLowerCase()}">
<p class="brand">squall · register</p>
<h1>${badge(outcome)} <span class="drill">What the systems promise</span></h1>
<p class="meta">${tallyText(rows)}. Measured by ${runs.length} runs.</p>
${troubles.length > 0 && html`<ul class="reasons" aria-label="Reasons">${troubles.map((row) => html`<li><b>${row.id}</b>, promised ${row.bound}: ${measuredOrNot(row)}. ${row.reason}</li>`)}</ul>`}
</header>
${section(
  'summary',
  'Executive summary',
  '',
  table(
    'Areas',
    AREA_TITLES.map((label, i) => ({
      label,
      numeric: i > 0,
      cell: (cells: readonly string[]) => cells[i] ?? '',
    })),
    areaCells(register, rows),
  ),
  'No areas.',
)}
${Object.entries(register.areas).map(([area, { title }]) => section(area, title, '', areaTable(title, linesOf(rows, area)), 'No promises.'))}
</main>`,
  });
}

function areaTable(title: string, lines: readonly PageLine[]): Html {
  return table(
    title,
    [
      {
        label: 'Promise',
        cell: (line) =>
          line.isPart
            ? html`<span class="soft">${line.name}</span>`
            : html`<b>${line.name}</b>${line.means !== '' && html` <span class="soft">${line.means}</span>`}`,
      },
      { label: 'Target', cell: ({ bound }) => bound },
      { label: 'Measured', cell: (line) => html`<b>${measuredOrNot(line)}</b>` },
      {
        label: 'Result',
        cell: (line) =>
          html`${mark(line.result)}${whyText(line) !== '' && html`<span class="why">${whyText(line)}</span>`}`,
      },
      { label: 'Last', cell: lastText },
      { label: 'Owner', cell: ({ owner }) => owner },
    ],
    lines,
  );
}

function mark(result: PromiseResult): Html {
  return result === 'NOT MEASURED' ? html`<span class="soft">not measured</span>` : badge(result);
}
