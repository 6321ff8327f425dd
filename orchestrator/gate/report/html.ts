import { renderPage } from '../../report/html/page.ts';
import { section } from '../../report/html/sections.ts';
import { badge, table } from '../../report/html/table.ts';
import { html } from '../../report/html/template.ts';
import type { GateResult } from '../gate.types.ts';
import { COLUMNS, cellsOf, noiseText } from './cells.ts';

/** report.html of a gate: one page that loads nothing and runs no script. */
export function gateHtml(result: GateResult): string {
  const { suite, verdict, reasons, checks, comparisons, budget = [] } = result;
  return renderPage({
    title: `${verdict}: gate ${suite}`,
    scripts: "'none'",
    body: html`<main>
<header class="hero ${verdict.toLowerCase()}">
<p class="brand">squall · gate</p>
<h1>${badge(verdict)} <span class="drill">${suite}</span></h1>
<ul class="reasons" aria-label="Reasons">${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>
<p class="meta">${noiseText(result)}</p>
</header>
${section(
  'checks',
  'Checks',
  '',
  checks.length === 0
    ? null
    : table(
        'Checks',
        [
          { label: 'check', cell: ({ name, run }) => html`<a href="${run}/report.html">${name}</a>` },
          { label: 'verdict', cell: (one) => badge(one.verdict) },
          { label: 'blocks', cell: ({ blocks }) => (blocks ? 'yes' : 'only warns') },
          ...(checks.some(({ note }) => note !== undefined)
            ? [{ label: 'note', cell: ({ note }: GateResult['checks'][number]) => note ?? '' }]
            : []),
        ],
        checks,
      ),
  'None in this suite.',
)}
${section(
  'comparisons',
  'Comparisons',
  'Candidate over baseline. The interval is that of each line; the answers share one chance of a false alarm.',
  comparisons.length === 0
    ? null
    : table(
        'Comparisons',
        COLUMNS.map((label, i) => ({
          label,
          numeric: i > 3,
          cell: (cells: readonly string[]) => cells[i] ?? '',
        })),
        comparisons.map(cellsOf),
      ),
  'None in this suite.',
)}
${
  budget.length > 0 &&
  section(
    'budget',
    'Error budgets',
    'As Prometheus counted when the gate began.',
    table(
      'Error budgets',
      [
        { label: 'objective', cell: ({ objective }) => objective },
        { label: 'window', cell: ({ window }) => window },
        { label: 'state', cell: ({ texts }) => texts.map((one) => html`<div>${one}</div>`) },
      ],
      budget,
    ),
  )
}
</main>`,
  });
}
