import type { FaultResult, Outage, Verdict } from '../../verdict.types.ts';
import type { RunFacts } from '../facts.ts';
import { evidenceLegs } from '../text/evidence.ts';
import { count, duration } from '../text/format.ts';
import { isFolded } from '../text/headline.ts';
import { impactTexts, RECOVERED_MEANS } from '../text/impact.ts';
import { foldedNote, moment, section } from './sections.ts';
import { badge, table } from './table.ts';
import { type Html, html } from './template.ts';

export function faultsSection(verdict: Verdict, facts: RunFacts): Html {
  const lead = `Times are minutes:seconds after the first sample; detected counts from when squall began to inject the fault; recovered: ${RECOVERED_MEANS}.`;
  return section(
    'faults',
    'Faults',
    lead,
    verdict.faults.length === 0
      ? null
      : html`${verdict.faults.filter((fault) => !isFolded(fault)).map((fault) => faultCard(fault, facts))}${foldedNote(verdict.faults)}`,
  );
}

function faultCard(fault: FaultResult, facts: RunFacts): Html {
  const from = fault.injectedAt === null ? null : (Date.parse(fault.injectedAt) - facts.zeroMs) / 1000;
  const to =
    Math.max(
      ...[fault.removedAt, fault.recoveredAt, fault.injectedAt].map((time) =>
        time === null ? 0 : Date.parse(time) - facts.zeroMs,
      ),
    ) / 1000;
  return html`<article class="fault ${fault.result.toLowerCase()}">
<h3>${fault.name} <span class="kind">${fault.kind} <span aria-label="of">→</span> ${fault.component}</span> ${badge(fault.result)}${from !== null && html` <button type="button" class="js" data-zoom="${from.toFixed(1)},${to.toFixed(1)}">Show on timeline</button>`}</h3>
${fault.reason !== '' && html`<p class="why">${fault.reason}</p>`}
${fault.injectedAt !== null && effect(fault, facts)}
<div class="columns"><div><h4>Evidence</h4>${legs(fault)}<h4>Targets</h4>${list(fault.targets, 'None.')}</div>
${
  fault.expectations.length > 0 &&
  html`<div>${table(
    `What ${fault.name} was expected to do`,
    [
      { label: 'Expected', cell: (row: FaultResult['expectations'][number]) => row.name },
      { label: 'Target', cell: (row) => row.target },
      { label: 'Measured', numeric: true, cell: (row) => html`<b>${row.measured}</b>` },
      { label: 'Result', cell: (row) => badge(row.result) },
    ],
    fault.expectations,
  )}</div>`
}</div>
${
  fault.outages.length > 0 &&
  html`<details><summary>Outages by request: ${fault.outages.length}</summary>${table<Outage>(
    `Outages during ${fault.name}`,
    [
      { label: 'Request', cell: (row) => html`<code>${row.request}</code>` },
      { label: 'From', numeric: true, cell: (row) => moment(row.from, facts) },
      {
        label: 'To',
        numeric: true,
        cell: (row) => (row.to === null ? 'never came back' : moment(row.to, facts)),
      },
      { label: 'Downtime', numeric: true, cell: (row) => html`<b>${duration(row.downtimeMs)}</b>` },
      { label: 'Flaps', numeric: true, cell: (row) => count(row.flaps) },
    ],
    fault.outages,
  )}</details>`
}
</article>
`;
}

function effect(fault: FaultResult, facts: RunFacts): Html {
  const texts = impactTexts(fault);
  const at = (time: string | null) =>
    time !== null && html` <span class="soft">at ${moment(time, facts)}</span>`;
  const evidenced = (time: string | null, toleranceMs: number) =>
    time === null
      ? moment(time, facts)
      : html`${moment(time, facts)} <span class="soft">± ${duration(toleranceMs)}</span>`;
  const firstBad = fault.downtimeMs === null ? 'not measured' : 'none';
  return html`<dl class="stats">
<div><dt>Downtime</dt><dd><b>${texts.downtime}</b></dd></div>
<div><dt>Detected after</dt><dd><b>${texts.detected}</b>${at(fault.detectedAt)}</dd></div>
<div><dt>Recovered after</dt><dd><b>${texts.recovered}</b>${fault.firstBadAt !== null && at(fault.recoveredAt)}</dd></div>
<div><dt>Failed requests</dt><dd><b>${texts.failed}</b></dd></div>
<div><dt>Injected</dt><dd>${evidenced(fault.injectedAt, fault.injectedToleranceMs)}</dd></div>
<div><dt>First bad request</dt><dd>${fault.firstBadAt === null ? firstBad : moment(fault.firstBadAt, facts)}</dd></div>
<div><dt>Gone</dt><dd>${evidenced(fault.removedAt, fault.removedToleranceMs)}</dd></div>
</dl>`;
}

function legs(fault: FaultResult): Html {
  return html`<dl class="legs">${evidenceLegs(fault).map(
    ({ leg, lines, isSeen }) =>
      html`<div${!isSeen && html` class="missing"`}><dt>${leg}</dt><dd>${lines.map((line) => html`<p>${line}</p>`)}</dd></div>`,
  )}</dl>`;
}

function list(lines: readonly string[], empty: string): Html {
  return lines.length === 0
    ? html`<p class="empty">${empty}</p>`
    : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}
