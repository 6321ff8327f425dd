import { renderPage } from '../html/page.ts';
import { section } from '../html/sections.ts';
import { badge, table } from '../html/table.ts';
import { type Html, html } from '../html/template.ts';
import type { TimelineData } from '../html/timeline-data.ts';
import { dateTime } from '../text/format.ts';
import { groupsOf, type RowGroup } from './cells.ts';
import { CHART_STYLE, compareChart } from './chart.ts';
import type { ComparedRun, RunComparison } from './compare.types.ts';

/** A page that loads nothing and runs no script. `timelines`: of drills, both timelines; null for gates. */
export function compareHtml(
  comparison: RunComparison,
  timelines: readonly [a: TimelineData, b: TimelineData] | null,
): string {
  const { a, b, notes, kind } = comparison;
  return renderPage({
    title: `${a.run} and ${b.run}`,
    scripts: "'none'",
    style: STYLE + CHART_STYLE,
    body: html`<main>
<header class="hero ${b.verdict.toLowerCase()}">
<p class="brand">squall · two ${kind === 'gate' ? 'gates' : 'runs'} beside each other</p>
<div class="sides">${side('A', a)}${side('B', b)}</div>
<ul class="reasons" aria-label="Notes">${notes.map((note) => html`<li>${note}</li>`)}</ul>
</header>
${timelines !== null && section('timeline', 'Timelines', 'From the first sample of each run. A is drawn through, B is dashed.', compareChart(...timelines))}
${groupsOf(comparison).map(group)}
</main>`,
  });
}

function side(name: string, { run, of, environment, startedAt, verdict }: ComparedRun): Html {
  return html`<div><h1><span class="side ${name.toLowerCase()}">${name}</span> ${badge(verdict)} <span class="drill">${of}</span></h1>
<p class="meta">${environment !== null && html`<span>environment <b>${environment}</b></span>`}<span>run <b>${run}</b></span>${startedAt !== null && html`<span><time datetime="${startedAt}">${dateTime(startedAt)} UTC</time></span>`}</p></div>`;
}

function group({ title, rows }: RowGroup): Html {
  const cell =
    (index: number) =>
    ({ cells }: RowGroup['rows'][number]) =>
      cells[index];
  return section(
    title.toLowerCase().replaceAll(' ', '-'),
    title,
    '',
    table(
      title,
      [
        { label: 'what', cell: cell(0) },
        { label: 'A', numeric: true, cell: cell(1) },
        { label: 'B', numeric: true, cell: cell(2) },
        { label: 'change', numeric: true, cell: cell(3) },
        {
          label: 'result',
          cell: ({ row, cells }) =>
            cells[4] !== '' &&
            html`<span class="outcome ${row.outcome.split(' ')[0] ?? ''}">${cells[4]}</span>`,
        },
      ],
      rows,
    ),
  );
}

const STYLE = `
.sides{display:grid;grid-template-columns:1fr 1fr;gap:8px 24px}.side{display:inline-grid;place-items:center;width:1.6em;height:1.6em;border-radius:6px;color:var(--card);background:var(--p95)}.side.b{background:var(--p99)}
.outcome.worse{color:var(--fail);font-weight:700}.outcome.better{color:var(--pass);font-weight:700}.outcome.only{color:var(--soft)}
@media(max-width:700px){.sides{grid-template-columns:1fr}td:empty{display:none}}
`;
