import type {
  BudgetResult,
  Cause,
  ObjectiveResult,
  Outcome,
  PhaseResult,
  ProbeResult,
  Verdict,
} from '../../verdict.types.ts';
import type { RunFacts } from '../facts.ts';
import {
  between,
  burnRate,
  clock,
  count,
  dateTime,
  duration,
  durationOrNot,
  measured,
  offset,
  share,
} from '../text/format.ts';
import {
  type Headline,
  isFolded,
  lostWrites,
  MEANING,
  missedText,
  reasonsToShow,
  SYMBOL,
  type Tally,
  whatToDo,
  worstFirst,
} from '../text/headline.ts';
import { duplicatedWrites } from '../text/writes.ts';
import { badge, table } from './table.ts';
import { type Html, html } from './template.ts';

export function verdictSection(verdict: Verdict, facts: RunFacts, numbers: Headline): Html {
  const tone = verdict.verdict.toLowerCase();
  return html`<header class="hero ${tone}">
<p class="brand">squall · drill report</p>
<h1><span class="word"><span class="symbol" aria-hidden="true">${SYMBOL[verdict.verdict]}</span> ${verdict.verdict}</span> <span class="drill">${verdict.drill}</span></h1>
<p class="meaning">${MEANING[verdict.verdict]}</p>
<ul class="reasons" aria-label="Reasons">${reasonsToShow(verdict).map(reasonItem)}</ul>
<p class="meta">${facts.started?.drill.description && html`<span class="wide">${facts.started.drill.description}</span>`}<span>environment <b>${verdict.environment}</b></span><span>run <b>${verdict.run}</b></span><span><time datetime="${verdict.startedAt}">${dateTime(verdict.startedAt)} UTC</time></span><span>took ${duration(between(verdict.startedAt, verdict.endedAt))}</span></p>
</header>
${residue(verdict)}
<dl class="tiles" aria-label="Key figures">
${tile('Objectives held', tally(numbers.objectives), null, worst(verdict.objectives))}
${tile('Faults passed', tally(numbers.faults), null, worst(verdict.faults))}
${tile('Longest downtime', durationOrNot(numbers.longestDowntimeMs), numbers.worstFault)}
${tile('Lost writes', count(lostWrites(verdict)), verdict.writes === null ? 'not measured' : `of ${count(verdict.writes.acknowledged)} acknowledged`, verdict.writes?.result)}
${tile('p95 in steady state', durationOrNot(numbers.steadyP95Ms), 'all requests')}
${tile('Bad events', numbers.errorShare === null ? 'not measured' : share(numbers.errorShare), `${count(numbers.errors)} in ${count(numbers.requests)} requests`)}
</dl>`;
}

/** Cause, consequence, what to do; what was not measured because of it is folded. */
function reasonItem(reason: Cause): Html {
  return html`<li>${reason.consequence === null ? reason.cause : html`<b>${reason.cause}</b> ${reason.consequence}`}${whatToDo(reason).map((text) => html`<span class="follows">${text}</span>`)}${
    reason.notMeasured.length > 0 &&
    html`<details><summary>Not measured: ${count(reason.notMeasured.length)}</summary><ul>${reason.notMeasured.map((row) => html`<li>${missedText(row)}</li>`)}</ul></details>`
  }</li>`;
}

/** What is listed behind a cause, by number: a table never leaves anything out without a word. */
export function foldedNote(
  rows: readonly { readonly notMeasured?: true; readonly evidence?: readonly string[] }[],
): Html | false {
  const folded = rows.filter(isFolded).length;
  return folded > 0 && html`<p class="empty">${count(folded)} more not measured: see the reasons above.</p>`;
}

export function objectivesSection(verdict: Verdict, facts: RunFacts): Html {
  return section(
    'objectives',
    'Objectives',
    'What was promised, and what was measured in each phase.',
    verdict.objectives.length === 0
      ? null
      : html`${table<ObjectiveResult>(
          'Objectives: target against measured',
          [
            {
              label: 'Objective',
              cell: (row) =>
                html`${row.name}${scope(row, facts).map((part) => html` <span class="soft">${part}</span>`)}`,
            },
            { label: 'Phase', cell: (row) => phase(row.phase) },
            { label: 'Target', cell: (row) => html`<code>${row.target}</code>` },
            {
              label: 'Measured',
              numeric: true,
              cell: (row) => html`<b>${measured(row.measured, row.target)}</b>`,
            },
            { label: 'Samples', numeric: true, cell: (row) => count(row.samples) },
            {
              label: 'Result',
              cell: (row) =>
                html`${badge(row.result)}${row.reason !== '' && row.result !== 'PASS' && html`<span class="why">${row.reason}</span>`}`,
            },
          ],
          worstFirst(verdict.objectives.filter((row) => !isFolded(row))),
        )}${foldedNote(verdict.objectives)}`,
  );
}

/** The tags that an objective is limited to; none: it counts every sample. */
function scope(row: ObjectiveResult, facts: RunFacts): string[] {
  const asked = facts.started?.objectives.find(
    ({ name, phase = 'steady' }) => name === row.name && phase === row.phase,
  );
  return Object.entries(asked?.where ?? {}).map(([tag, value]) =>
    tag === 'name' ? value : `${tag}=${value}`,
  );
}

export function phasesSection(verdict: Verdict, facts: RunFacts): Html {
  return section(
    'phases',
    'Phases',
    'Bounded by what was observed, not by the schedule.',
    verdict.phases.length === 0
      ? null
      : table<PhaseResult>(
          'Phases of the run',
          [
            { label: 'Phase', cell: (row) => phase(row.name) },
            { label: 'From', numeric: true, cell: (row) => moment(row.from, facts) },
            { label: 'Length', numeric: true, cell: (row) => duration(between(row.from, row.to)) },
            { label: 'Requests', numeric: true, cell: (row) => count(row.requests) },
            {
              label: 'Bad events',
              numeric: true,
              cell: (row) =>
                html`${count(row.errors)} <span class="soft">${share(row.requests + row.dropped === 0 ? null : row.errors / (row.requests + row.dropped))}</span>`,
            },
            { label: 'Dropped', numeric: true, cell: (row) => count(row.dropped) },
            { label: 'p50', numeric: true, cell: (row) => duration(row.p50) },
            { label: 'p95', numeric: true, cell: (row) => duration(row.p95) },
            { label: 'p99', numeric: true, cell: (row) => duration(row.p99) },
          ],
          verdict.phases,
        ),
    'None: the first begins with the first sample.',
  );
}

export function probesSection(verdict: Verdict): Html {
  return section(
    'probes',
    'Probes',
    'Seen from outside the load.',
    verdict.probes.length === 0
      ? null
      : html`${table<ProbeResult>(
          'Probe results',
          [
            { label: 'Probe', cell: (row) => row.name },
            { label: 'Target', cell: (row) => row.target },
            { label: 'Measured', cell: (row) => html`<b>${row.measured}</b>` },
            { label: 'Result', cell: (row) => badge(row.result) },
          ],
          worstFirst(verdict.probes.filter((row) => !isFolded(row))),
        )}${foldedNote(verdict.probes)}`,
  );
}

export function writesSection({ writes }: Verdict): Html {
  if (writes === null)
    return section(
      'writes',
      'Writes',
      '',
      null,
      'The load acknowledged no writes, or the drill did not ask for them to be checked.',
    );
  const ids = (label: string, list: readonly string[], total: number) =>
    total > 0 &&
    html`<details open><summary>${label}: ${count(total)}${list.length < total && html` (${list.length} named)`}</summary><ul class="ids">${list.map((id) => html`<li><code>${id}</code></li>`)}</ul></details>`;
  return section(
    'writes',
    'Writes',
    'Every acknowledged write was looked up in the target after the run.',
    html`<p>${badge(writes.result)} ${writes.reason}</p>
${
  writes.result !== 'INVALID' &&
  html`<dl class="stats"><div><dt>Acknowledged</dt><dd>${count(writes.acknowledged)}</dd></div><div><dt>Present</dt><dd>${count(writes.present)}</dd></div><div><dt>Lost</dt><dd>${count(writes.lost)}</dd></div><div><dt>Duplicated</dt><dd>${count(duplicatedWrites(writes))}</dd></div></dl>`
}
${ids('Lost', writes.lostIds, writes.lost)}${ids('Duplicated', writes.duplicatedIds, writes.duplicated)}`,
  );
}

export function budgetSection(verdict: Verdict): Html {
  const spent = verdict.budget.filter((row) => row.consumed > 0);
  return section(
    'budget',
    'Error budget',
    'What each phase spent; those that spent nothing are left out. Burn rate 1 spends the budget exactly over its window.',
    spent.length === 0
      ? null
      : table<BudgetResult>(
          'Error budget by phase',
          [
            { label: 'Objective', cell: (row) => row.objective },
            { label: 'Phase', cell: (row) => phase(row.phase) },
            { label: 'Window', cell: (row) => row.window },
            {
              label: 'Spent',
              numeric: true,
              cell: (row) =>
                html`<b>${share(row.consumed)}</b>${row.consumed >= 0.01 && html`<meter min="0" max="1" value="${Math.min(1, Math.max(0, row.consumed))}" aria-label="share of the budget"></meter>`}`,
            },
            { label: 'Burn rate', numeric: true, cell: (row) => burnRate(row.burnRate) },
          ],
          spent,
        ),
    verdict.budget.length === 0 ? 'No availability objective was measured.' : 'Nothing was spent.',
  );
}

/** A heading with an anchor; `body` null shows `empty` instead, so that nothing is silently left out. */
export function section(
  id: string,
  title: string,
  lead: string,
  body: Html | null,
  empty = 'None in this drill.',
): Html {
  const heading = html`<h2 id="h-${id}">${title}</h2>`;
  if (body === null)
    return html`<section class="none" id="${id}" aria-labelledby="h-${id}">${heading}<p class="empty">${empty}</p></section>
`;
  return html`<section id="${id}" aria-labelledby="h-${id}">${heading}${lead !== '' && html`<p class="lead">${lead}</p>`}${body}</section>
`;
}

/** A time as its place in the run; the clock time is in the tooltip. */
export function moment(time: string | null, facts: RunFacts): Html {
  return time === null
    ? html`–`
    : html`<time datetime="${time}" title="${clock(time)} UTC">${offset(time, facts.zeroMs)}</time>`;
}

function residue(verdict: Verdict): Html | false {
  return (
    verdict.residue.length > 0 &&
    html`<section class="residue" aria-labelledby="h-residue"><h2 id="h-residue">⚠ Left behind: ${verdict.residue.length}</h2><p>Squall could not undo this. Run these commands, or <code>squall recover</code>:</p><dl>${verdict.residue.map((left) => html`<div><dt>${left.what}</dt><dd><pre><code>${left.command}</code></pre></dd></div>`)}</dl></section>`
  );
}

function tile(
  label: string,
  value: string,
  note: string | null = null,
  result: Outcome | undefined = 'PASS',
): Html {
  const tone = { PASS: '', FAIL: 'broken', INVALID: 'unproven' }[result];
  return html`<div class="${tone}"><dt>${label}</dt><dd>${value}${note !== null && html`<small>${note}</small>`}</dd></div>
`;
}

function tally({ passed, total }: Tally): string {
  return total === 0 ? '–' : `${passed} of ${total}`;
}

function worst(rows: readonly { readonly result: Outcome }[]): Outcome | undefined {
  return worstFirst(rows)[0]?.result;
}

function phase(name: string): Html {
  const stage = /^(fault|recovery):/.exec(name)?.[1] ?? 'other';
  return html`<span class="phase ${stage}">${name}</span>`;
}
