import { renderPage } from '../html/page.ts';
import { section } from '../html/sections.ts';
import { badge, table } from '../html/table.ts';
import { type Html, html } from '../html/template.ts';
import { count, dateTime } from '../text/format.ts';
import { changeText, valueText } from '../text/value-text.ts';
import type { IndexedRun, RunsOfDirectory } from './read-runs.ts';
import { sparkline } from './sparkline.ts';
import { type Trend, type TrendChange, type TrendGroup, trendsOf } from './trends.ts';

/** index.html over the runs of a directory: a page that loads nothing and runs no script. */
export function indexHtml({ runs, unreadable, leftOut }: RunsOfDirectory, title: string): string {
  const groups = trendsOf(runs);
  const newestFirst = [...runs].reverse();
  const changes = groups.flatMap((group) =>
    group.trends.flatMap((trend) => trend.changes.map((change) => ({ group, trend, change }))),
  );
  return renderPage({
    title: `Runs in ${title}`,
    scripts: "'none'",
    style: STYLE,
    body: html`<main>
<header class="hero ${newestFirst[0]?.verdict.toLowerCase() ?? 'invalid'}">
<p class="brand">squall · runs</p>
<h1><span class="drill">${count(runs.length)} ${runs.length === 1 ? 'run' : 'runs'} in ${title}</span></h1>
<p class="meta">${tallyText(runs)}</p>
</header>
${section('changes', 'What changed', 'Steps of 5 % or more in the objectives over time. One run that is far off is no change; two are.', changes.length === 0 ? null : changeTable(changes), 'No change was found.')}
${groups.map(groupSection)}
${section('runs', 'Runs', leftOut > 0 ? `The newest; ${count(leftOut)} older ${leftOut === 1 ? 'directory is' : 'directories are'} left out.` : '', newestFirst.length === 0 ? null : runTable(newestFirst), 'No run is here yet.')}
${unreadable.length > 0 && section('unreadable', 'Could not be read', '', html`<ul>${unreadable.map(({ directory, reason }) => html`<li><code>${directory}</code>: ${reason}</li>`)}</ul>`)}
</main>`,
  });
}

function tallyText(runs: readonly IndexedRun[]): string {
  return (['PASS', 'FAIL', 'INVALID'] as const)
    .map((outcome) => `${count(runs.filter(({ verdict }) => verdict === outcome).length)} ${outcome}`)
    .join(' · ');
}

function changeTable(
  changes: readonly { readonly group: TrendGroup; readonly trend: Trend; readonly change: TrendChange }[],
): Html {
  const newestFirst = [...changes].sort((a, b) =>
    b.change.run.startedAt.localeCompare(a.change.run.startedAt),
  );
  return table(
    'What changed',
    [
      { label: 'objective', cell: ({ trend }) => labelOf(trend) },
      { label: 'of', cell: ({ group }) => group.title },
      { label: 'change', cell: ({ trend, change }) => changeCell(trend, change) },
      { label: 'since', cell: ({ change }) => link(change.run) },
    ],
    newestFirst,
  );
}

function changeCell(trend: Trend, { change, before, after, isWorse }: TrendChange): Html {
  const by = change === null || trend.target?.startsWith('availability') ? '' : `${changeText(change)}: `;
  return html`<span class="outcome ${isWorse ? 'worse' : 'better'}">${isWorse ? 'worse' : 'better'}</span> ${by}${valueText(trend, before)} → ${valueText(trend, after)}`;
}

function groupSection({ title, runs, trends }: TrendGroup, index: number): Html {
  return section(
    `group-${index + 1}`,
    title,
    `${count(runs)} ${runs === 1 ? 'run' : 'runs'}, whatever their variables were.`,
    trends.length === 0
      ? null
      : table(
          title,
          [
            { label: 'objective', cell: labelOf },
            {
              label: 'newest',
              numeric: true,
              cell: (trend) => valueText(trend, trend.points.at(-1)?.value ?? null),
            },
            { label: 'trend', cell: sparkline },
            {
              label: 'changes',
              cell: (trend) =>
                trend.changes.map(
                  (change) => html`<div>${changeCell(trend, change)} since ${link(change.run)}</div>`,
                ),
            },
          ],
          trends,
        ),
    'No objective was measured.',
  );
}

function labelOf({ name, target }: Trend): Html {
  return html`${name}${target !== undefined && html` <span class="soft">${target}</span>`}`;
}

function runTable(runs: readonly IndexedRun[]): Html {
  return table(
    'Runs',
    [
      { label: 'run', cell: link },
      { label: 'verdict', cell: ({ verdict }) => badge(verdict) },
      {
        label: 'of',
        cell: ({ kind, of, environment }) => (kind === 'gate' ? `gate ${of}` : `${of} on ${environment}`),
      },
      {
        label: 'started, UTC',
        cell: ({ startedAt }) => html`<time datetime="${startedAt}">${dateTime(startedAt)}</time>`,
      },
      { label: 'first reason', cell: ({ reason }) => html`<span class="why">${reason}</span>` },
    ],
    runs,
  );
}

/** A path and nothing else, whatever a directory is called. */
function link({ directory, run }: IndexedRun): Html {
  return html`<a href="./${encodeURIComponent(directory)}/report.html">${run}</a>`;
}

const STYLE = `
a,a:visited{color:var(--accent)}.outcome.worse{color:var(--fail);font-weight:700}.outcome.better{color:var(--pass);font-weight:700}
.spark{display:block;width:260px;max-width:100%;height:auto}.spark polyline{fill:none;stroke:var(--p95);stroke-width:1.4;stroke-linejoin:round}.spark .PASS{fill:var(--p95)}.spark .FAIL{fill:var(--fail)}.spark .change{stroke:var(--stop);stroke-dasharray:2 2}.spark .bound{stroke:var(--soft);stroke-dasharray:6 3}
@media(max-width:700px){td:empty{display:none}}
`;
