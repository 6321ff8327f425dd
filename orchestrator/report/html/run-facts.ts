import { type RunFacts, refusalTitle } from '../facts.ts';
import { toldText } from '../integrations/told.ts';
import { clock, count, offset } from '../text/format.ts';
import { RECOVERED_MEANS } from '../text/impact.ts';
import { section } from './sections.ts';
import { type Html, type HtmlValue, html } from './template.ts';

/** Where, with what and by what the run was made; alerts, undos and notes in their order. */
export function runSection(facts: RunFacts): Html {
  const { started } = facts;
  return section(
    'run',
    'The run',
    '',
    html`<dl class="facts">
${
  started !== null && [
    row('Squall', started.squall),
    row('Environment', started.environment),
    row(
      'Machine',
      `${started.machine.os}, ${started.machine.cpus} CPUs, ${count(started.machine.memoryMb)} MB, Node ${started.machine.node}`,
    ),
  ]
}
${facts.loads.map((load) => [
  row(
    'Load',
    html`<code>${load.script}</code> ${load.vars.map(([name, value]) => html`<code>${name}=${value}</code> `)}`,
  ),
  row(
    'k6',
    `${load.k6}${load.end === null ? ', end not recorded' : `, exit code ${load.end.exitCode ?? 'none'}${load.end.signal === null ? '' : `, signal ${load.end.signal}`}`}`,
  ),
  load.end !== null &&
    row(
      'Samples',
      `${load.end.streamComplete ? 'complete' : 'INCOMPLETE'}${load.end.streamDetail === '' ? '' : `: ${load.end.streamDetail}`}; script errors: ${count(load.end.scriptErrors)}`,
    ),
])}
${row('Journal', facts.damage === null ? 'whole: every line follows from the one before' : `DAMAGED: ${facts.damage}`)}${(facts.told ?? []).length > 0 && row('Told', html`${(facts.told ?? []).map((one) => html`${toldText(one)}<br>`)}`)}
</dl>
${log(
  'Alerts received',
  facts.alerts
    .slice(0, SHOWN_ALERTS)
    .map((alert) => [
      alert.receivedAt,
      html`<b>${alert.status}</b> ${Object.entries(alert.labels).map(([name, value]) => html`<code>${name}=${value}</code> `)}${Object.entries(alert.annotations).map(([name, value]) => html`<span class="soft">${name}: ${value}</span> `)}`,
    ]),
  facts,
  facts.alerts.length,
)}
${log(
  'Alerts refused',
  facts.refused.map((one) => [one.at, html`${refusalTitle(one)}`]),
  facts,
)}
${log(
  'Stopped early',
  facts.stops.map((stop) => [stop.at, html`<b>${stop.cause}</b> ${stop.reason}`]),
  facts,
)}
${log(
  'Notes',
  facts.notes.map((note) => [note.at, html`${note.text}`]),
  facts,
)}
${facts.undone.length > 0 && html`<details><summary>Undone: ${facts.undone.length}</summary><ul>${facts.undone.map((undo) => html`<li><code>${undo.id}</code> ${undo.outcome.state} by ${undo.by}: ${undo.outcome.detail}</li>`)}</ul></details>`}`,
  );
}

/** A storm of alerts would make a page that no browser opens. */
const SHOWN_ALERTS = 200;

export function readingSection(): Html {
  return section(
    'reading',
    'How to read this',
    '',
    html`<dl class="facts">
${row('PASS', 'every objective held on enough samples, every fault took effect on what the load used and ended, and this was observed.')}
${row('FAIL', 'a promise was broken. It wins over INVALID: what was measured as broken stays broken.')}
${row('INVALID', 'the run proves nothing, and the reasons say why: too few samples, a fault without evidence, or on something that nothing used, a steady state that never was, a load that crashed or whose samples are incomplete. It is never a pass.')}
${row('Evidence', 'three legs: the fault was in, its target was in use by the load (or a request noticed the fault), and it is out.')}
${row('Downtime', 'from the last good request before an outage to the first of a sustained run of good ones after it, from single requests of the load. It can be exact only to the gap between two requests: that is the ± beside it.')}
${row('Bad events', 'failed requests, and iterations that the load could not start in time (dropped): a stalled target cannot hide behind requests that were never sent.')}
${row('Latency', 'percentiles of successful requests only, as the load saw them.')}
${row('Phases', 'steady lasts until the first fault was seen to be in; fault:x from then until it was seen to be gone; recovery:x from then until the next fault or the end of the load, however soon the service was good again.')}
${row('Recovered', `${RECOVERED_MEANS}.`)}
${row('The machine', 'what generated the load was watched while it did: where it stood still (grey in the timeline), it was not able to measure. An objective that is broken only by that is INVALID; errors and lost writes are failures whatever the machine did.')}
${row('Detected', 'the alert really arrived at the receiver of this run, counted from when squall began to inject the fault.')}
</dl>`,
  );
}

function row(term: string, value: HtmlValue): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>
`;
}

function log(
  title: string,
  lines: readonly (readonly [at: number, text: Html])[],
  facts: RunFacts,
  total = lines.length,
): Html | false {
  return (
    lines.length > 0 &&
    html`<details><summary>${title}: ${count(total)}${total > lines.length && html` (the first ${count(lines.length)} are shown, the journal has all)`}</summary><ul class="log">${lines.map(([at, text]) => html`<li><time title="${clock(at)} UTC">${offset(at, facts.zeroMs)}</time> ${text}</li>`)}</ul></details>`
  );
}
