import type { Judgement } from '../judge/types.ts';
import type { Cause, FaultResult, Outcome, Verdict } from '../verdict.types.ts';
import { type RunFacts, refusalTitle } from './facts.ts';
import { toldText } from './integrations/told.ts';
import { evidenceLegs } from './text/evidence.ts';
import {
  between,
  burnRate,
  count,
  dateTime,
  duration,
  durationOrNot,
  measured,
  offset,
  share,
} from './text/format.ts';
import {
  type Headline,
  headline,
  isFolded,
  lostWrites,
  MEANING,
  missedText,
  reasonsToShow,
  whatToDo,
  worstFirst,
} from './text/headline.ts';
import { impactTexts } from './text/impact.ts';
import { machineRows } from './text/machine.ts';
import { code, pipeTable, text } from './text/markdown-text.ts';
import { duplicatedWrites } from './text/writes.ts';

/** report.md: an executive summary, then per area target against measured. GitHub-flavoured; fit for a job summary. */
export function renderMarkdown(judgement: Judgement, facts: RunFacts): string {
  const { verdict } = judgement;
  return `${[
    summary(verdict, headline(judgement), facts),
    residue(verdict),
    objectives(verdict),
    faults(verdict, facts),
    phases(verdict, facts),
    probes(verdict),
    writes(verdict),
    traces(verdict, facts),
    budget(verdict),
    machine(verdict),
    unmeasured(verdict),
    run(facts),
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}

function summary(verdict: Verdict, numbers: Headline, facts: RunFacts): string {
  const description = facts.started?.drill.description;
  return [
    `# ${MARK[verdict.verdict]}: ${text(verdict.drill)} on ${text(verdict.environment)}`,
    `**${MEANING[verdict.verdict]}**${description ? ` ${text(description)}` : ''}`,
    '## Executive summary',
    renderReasons(verdict),
    pipeTable(
      ['Area', 'Result'],
      [
        ['Objectives held', `${numbers.objectives.passed} of ${numbers.objectives.total}`],
        ['Faults passed', `${numbers.faults.passed} of ${numbers.faults.total}`],
        [
          'Longest downtime',
          `${durationOrNot(numbers.longestDowntimeMs)}${numbers.worstFault === null ? '' : ` (${code(numbers.worstFault)})`}`,
        ],
        [
          'Lost writes',
          verdict.writes === null
            ? 'not measured'
            : `${count(lostWrites(verdict))} of ${count(verdict.writes.acknowledged)} acknowledged`,
        ],
        ['p95 of all requests in steady state', durationOrNot(numbers.steadyP95Ms)],
        [
          'Bad events',
          numbers.errorShare === null
            ? 'not measured'
            : `${share(numbers.errorShare)} (${count(numbers.errors)} in ${count(numbers.requests)} requests)`,
        ],
        [
          'Run',
          `${code(verdict.run)}, ${dateTime(verdict.startedAt)} UTC, ${duration(between(verdict.startedAt, verdict.endedAt))}`,
        ],
      ],
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Why: a list of causes; what was not measured because of one is folded behind it. */
export function renderReasons(verdict: Verdict): string {
  return reasonsToShow(verdict).map(reasonItem).join('\n');
}

function reasonItem(reason: Cause): string {
  const cause = reason.result === 'NOTE' ? text(reason.cause) : `**${text(reason.cause)}**`;
  const said = reason.consequence === null ? cause : `${cause} ${text(reason.consequence)}`;
  const item = `- ${[said, ...whatToDo(reason).map(text)].join('<br>')}`;
  if (reason.notMeasured.length === 0) return item;
  const rows = reason.notMeasured.map((row) => `  - ${text(missedText(row))}`);
  // Markdown is read inside the element because of the empty lines.
  return `${item}\n  <details><summary>Not measured: ${count(rows.length)}</summary>\n\n${rows.join('\n')}\n\n  </details>`;
}

function residue({ residue }: Verdict): string {
  return area(
    'Left behind',
    ['What', 'Command that removes it'],
    residue.map((left) => [text(left.what), code(left.command)]),
  );
}

function objectives(verdict: Verdict): string {
  return area(
    'Objectives',
    ['Objective', 'Phase', 'Target', 'Measured>', 'Samples>', 'Result'],
    worstFirst(verdict.objectives.filter((row) => !isFolded(row))).map((row) => [
      text(row.name),
      text(row.phase),
      code(row.target),
      measured(row.measured, row.target),
      count(row.samples),
      outcome(row),
    ]),
  );
}

function faults(verdict: Verdict, facts: RunFacts): string {
  const seen = verdict.faults.filter((fault) => !isFolded(fault));
  const overview = area(
    'Faults',
    [
      'Fault',
      'What',
      'Injected>',
      'First bad>',
      'Detected after>',
      'Recovered after>',
      'Downtime>',
      'Failed requests>',
      'Result',
    ],
    seen.map((fault) => [
      text(fault.name),
      `${text(fault.kind)} → ${text(fault.component)}`,
      ...effect(fault, facts),
      outcome(fault),
    ]),
  );
  if (overview === '') return '';
  const details = seen.map((fault) =>
    [
      `### ${text(fault.name)}`,
      fault.expectations.length === 0
        ? ''
        : pipeTable(
            ['Expected', 'Target', 'Measured>', 'Result'],
            fault.expectations.map((row) => [
              text(row.name),
              text(row.target),
              text(row.measured),
              MARK[row.result],
            ]),
          ),
      [
        `- Targets: ${fault.targets.map(code).join(', ') || 'none'}`,
        ...evidenceLegs(fault).flatMap(({ leg, lines, isSeen }) =>
          lines.map((line) => `- ${isSeen ? leg : `**${leg}**`}: ${text(line)}`),
        ),
        ...fault.outages.map(
          (outage) =>
            `- Outage of ${code(outage.request)}: ${duration(outage.downtimeMs)} from ${offset(outage.from, facts.zeroMs)} to ${outage.to === null ? 'the end' : offset(outage.to, facts.zeroMs)}${outage.flaps === 0 ? '' : `, ${count(outage.flaps)} ${outage.flaps === 1 ? 'flap' : 'flaps'}`}`,
        ),
      ].join('\n'),
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
  );
  return [overview, ...details].join('\n\n');
}

function effect(fault: FaultResult, { zeroMs }: RunFacts): string[] {
  const { downtime, detected, recovered, failed } = impactTexts(fault);
  const firstBad = fault.downtimeMs === null ? 'not measured' : 'none';
  return [
    offset(fault.injectedAt, zeroMs),
    fault.firstBadAt === null ? firstBad : offset(fault.firstBadAt, zeroMs),
    detected,
    recovered,
    downtime,
    failed,
  ];
}

function phases(verdict: Verdict, facts: RunFacts): string {
  return area(
    'Phases',
    ['Phase', 'From>', 'Length>', 'Requests>', 'Bad events>', 'Dropped>', 'p50>', 'p95>', 'p99>'],
    verdict.phases.map((row) => [
      text(row.name),
      offset(row.from, facts.zeroMs),
      duration(between(row.from, row.to)),
      count(row.requests),
      count(row.errors),
      count(row.dropped),
      duration(row.p50),
      duration(row.p95),
      duration(row.p99),
    ]),
  );
}

function probes(verdict: Verdict): string {
  return area(
    'Probes',
    ['Probe', 'Target', 'Measured', 'Result'],
    worstFirst(verdict.probes.filter((row) => !isFolded(row))).map((row) => [
      text(row.name),
      text(row.target),
      text(row.measured),
      MARK[row.result],
    ]),
  );
}

function writes({ writes }: Verdict): string {
  if (writes === null) return '## Writes\n\nNot measured.';
  const ids = (label: string, list: readonly string[]) =>
    list.length === 0 ? [] : [`${label}: ${list.map(code).join(', ')}`];
  return [
    '## Writes',
    `${MARK[writes.result]} ${text(writes.reason)}`,
    writes.result === 'INVALID'
      ? `Acknowledged: ${count(writes.acknowledged)}`
      : pipeTable(
          ['Acknowledged>', 'Present>', 'Lost>', 'Duplicated>'],
          [[writes.acknowledged, writes.present, writes.lost, duplicatedWrites(writes)].map(count)],
        ),
    ...ids('Lost', writes.lostIds),
    ...ids('Duplicated', writes.duplicatedIds),
  ].join('\n\n');
}

/** The beginning: report.html has all that are listed. */
function traces({ traces: found }: Verdict, facts: RunFacts): string {
  if (found === undefined) return '';
  const rows = found.listed
    .slice(0, 20)
    .map(({ at, request, failure, traceId, url }) => [
      offset(at, facts.zeroMs),
      text(request),
      text(failure),
      url === null ? code(traceId) : `[${code(traceId)}](<${url.replace(/[<>\\]/g, encodeURIComponent)}>)`,
    ]);
  return `${area('Traces of failed requests', ['At>', 'Request', 'Failure', 'Trace'], rows)}\n\n${rows.length} of ${count(found.failed)} failed requests with a trace.`;
}

function budget(verdict: Verdict): string {
  const spent = verdict.budget.filter((row) => row.consumed > 0);
  if (verdict.budget.length > 0 && spent.length === 0) return '## Error budget\n\nNothing was spent.';
  return area(
    'Error budget',
    ['Objective', 'Phase', 'Window', 'Spent>', 'Burn rate>'],
    spent.map((row) => [
      text(row.objective),
      text(row.phase),
      text(row.window),
      share(row.consumed),
      burnRate(row.burnRate),
    ]),
  );
}

function machine({ machine }: Verdict): string {
  if (machine === undefined) return '';
  // Numbers, and squall's own words.
  const rows = machineRows(machine).map(([name, row]) => `- ${name}: ${row}`);
  return `## The machine\n\n${rows.join('\n')}`;
}

/** Folded: it is long, and says nothing about this run. */
function unmeasured({ unmeasured: rows = [] }: Verdict): string {
  if (rows.length === 0) return '';
  const table = pipeTable(
    ['Promise', 'Bound', 'Owner', 'Why'],
    rows.map((row) => [code(row.id), text(row.bound), text(row.owner), text(row.reason)]),
  );
  return `## Promises that this drill does not measure\n\n<details><summary>${count(rows.length)} of its systems</summary>\n\n${table}\n\n</details>`;
}

function run(facts: RunFacts): string {
  const machine = facts.started?.machine;
  const lines = [
    ...(machine === undefined
      ? []
      : [
          `Machine: ${text(machine.os)}, ${machine.cpus} CPUs, ${count(machine.memoryMb)} MB, Node ${text(machine.node)}`,
        ]),
    ...(facts.started === null ? [] : [`Squall: ${text(facts.started.squall)}`]),
    ...facts.loads.map(
      (load) =>
        `Load: ${code(load.script)} on k6 ${text(load.k6)}; exit code ${load.end?.exitCode ?? 'none'}; samples ${load.end?.streamComplete ? 'complete' : 'INCOMPLETE'}${load.end?.streamDetail ? ` (${text(load.end.streamDetail)})` : ''}; script errors ${count(load.end?.scriptErrors ?? null)}`,
    ),
    ...facts.stops.map(
      (stop) => `Stopped at ${offset(stop.at, facts.zeroMs)}: ${text(stop.cause)}, ${text(stop.reason)}`,
    ),
    ...facts.refused.map((one) => `Refused at ${offset(one.at, facts.zeroMs)}: ${text(refusalTitle(one))}`),
    ...(facts.damage === null ? [] : [`Journal DAMAGED: ${text(facts.damage)}`]),
    ...(facts.told ?? []).map((one) => text(toldText(one))),
  ];
  return `## The run\n\n${lines.map((line) => `- ${line}`).join('\n')}\n\nTimes are minutes:seconds after the first sample. Latencies are of successful requests; bad events are failed requests and dropped iterations. INVALID means that the run proves nothing; it is never a pass.`;
}

function area(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `## ${title}\n\n${pipeTable(header, rows)}`;
}

/** What passed is told by its numbers. */
function outcome({ result, reason }: { readonly result: Outcome; readonly reason: string }): string {
  return result === 'PASS' || reason === '' ? MARK[result] : `${MARK[result]} ${text(reason)}`;
}

const MARK: Readonly<Record<Outcome, string>> = { PASS: '✅ PASS', FAIL: '❌ FAIL', INVALID: '⚠️ INVALID' };
