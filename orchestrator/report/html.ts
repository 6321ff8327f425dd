import { createHash } from 'node:crypto';
import type { Judgement } from '../judge/types.ts';
import type { Verdict } from '../verdict.types.ts';
import type { RunFacts } from './facts.ts';
import { faultsSection } from './html/faults.ts';
import { machineSection } from './html/machine.ts';
import { renderPage } from './html/page.ts';
import { readingSection, runSection } from './html/run-facts.ts';
import {
  budgetSection,
  objectivesSection,
  phasesSection,
  probesSection,
  section,
  verdictSection,
  writesSection,
} from './html/sections.ts';
import { staticChart } from './html/static-chart.ts';
import { type Html, html, jsonBlock, trusted } from './html/template.ts';
import { type TimelineData, timelineData } from './html/timeline-data.ts';
import { tracesSection } from './html/traces.ts';
import { unmeasuredSection } from './html/unmeasured.ts';
import { headline } from './text/headline.ts';

/** Code for the live chart: `script` runs in the page, `style` belongs to it. Null: the page shows the static picture. */
export interface ChartAssets {
  readonly script: string;
  readonly style: string;
}

/** report.html: one page that loads nothing, runs no script but the one given, and shows everything without it too. */
export function renderHtml(judgement: Judgement, facts: RunFacts, assets: ChartAssets | null): string {
  const { verdict } = judgement;
  const data = timelineData(judgement, facts);
  const script = assets?.script.replaceAll('</script', '<\\/script') ?? '';
  const hash = createHash('sha256').update(script).digest('base64');
  const scripts = assets === null ? "'none'" : `'sha256-${hash}'`;
  return renderPage({
    title: `${verdict.verdict}: ${verdict.drill} on ${verdict.environment} (${verdict.run})`,
    scripts,
    style: assets?.style ?? '',
    body: html`<main>
${verdictSection(verdict, facts, headline(judgement))}
${contents(verdict)}
${section('timeline', 'Timeline', '', timeline(data))}
${objectivesSection(verdict, facts)}
${faultsSection(verdict, facts)}
${phasesSection(verdict, facts)}
${probesSection(verdict)}
${writesSection(verdict)}${tracesSection(verdict, facts)}
${budgetSection(verdict)}
${machineSection(verdict)}
${unmeasuredSection(verdict)}
${runSection(facts)}
${readingSection()}
</main>
<script type="application/json" id="timeline-data">${jsonBlock(data)}</script>
${assets !== null && html`<script>${trusted(script)}</script>`}`,
  });
}

function contents({ machine, traces, unmeasured = [] }: Verdict): Html {
  const there = SECTIONS.filter(
    ([id]) =>
      (id !== 'machine' || machine !== undefined) &&
      (id !== 'traces' || traces !== undefined) &&
      (id !== 'unmeasured' || unmeasured.length > 0),
  );
  return html`<nav class="toc" aria-label="In this report">${there.map(([id, title]) => html`<a href="#${id}">${title}</a> `)}</nav>`;
}

const SECTIONS = [
  ['timeline', 'Timeline'],
  ['objectives', 'Objectives'],
  ['faults', 'Faults'],
  ['phases', 'Phases'],
  ['probes', 'Probes'],
  ['writes', 'Writes'],
  ['traces', 'Traces'],
  ['budget', 'Error budget'],
  ['machine', 'The machine'],
  ['unmeasured', 'Not measured'],
  ['run', 'The run'],
  ['reading', 'How to read this'],
] as const;

function timeline(data: TimelineData): Html {
  return html`<div id="live" class="live" hidden></div>
<div class="static"><div class="scroll" role="region" aria-label="Timeline as a picture" tabindex="0">${staticChart(data)}</div></div>
${data.step > 1 && html`<p class="soft">One point stands for ${data.step} seconds: the worst percentile and the mean rate of them.</p>`}`;
}
