import path from 'node:path';
import { clock, count, dateTime, duration, durationOrNot } from '../report/text/format.ts';
import { code, pipeTable, text } from '../report/text/markdown-text.ts';
import { plain } from '../report/text/plain.ts';
import type { PartResult, RecordLine } from './events.ts';
import { type GamedayState, gamedayState } from './outcome.ts';
import { gamedayTimeline } from './timeline.ts';

/**
 * gameday.md: the scorecard, each part with what was expected and what was observed, the actions, and the draft of a post-mortem. What
 * only people can know is left for them, in so many words.
 * @param directory links to reports are relative to it
 */
export function gamedayMarkdown(lines: readonly RecordLine[], directory: string): string {
  const state = gamedayState(lines);
  const { started, outcome, where } = state;
  return [
    `# Game day ${text(started.name)}: ${outcome}`,
    ...(where === null ? [] : [`**Not ended: ${text(where)}.**`]),
    ...(started.description === undefined ? [] : [text(started.description)]),
    facts(lines, state),
    ...residue(state),
    '## Scorecard',
    scorecard(state, directory),
    ...started.parts.map((_, index) => part(lines, state, index)),
    '## Actions',
    actions(lines, state),
    ...postMortem(lines, state),
  ]
    .join('\n\n')
    .concat('\n');
}

function facts(lines: readonly RecordLine[], { started }: GamedayState): string {
  const from = lines[0]?.at ?? 0;
  const to = lines.at(-1)?.at ?? from;
  return pipeTable(
    ['', ''],
    [
      ['Environment', code(started.environment)],
      ['Begun', `${dateTime(new Date(from).toISOString())} UTC, ${duration(to - from)}`],
      ...Object.entries(started.people).map(([role, name]) => [text(role), text(name)]),
      ...(started.asked ? [] : [['People', 'nobody was asked']]),
      ...lines.flatMap(({ event }) =>
        event.type === 'checked' ? [[text(event.question), text(event.answer)]] : [],
      ),
    ],
  );
}

function residue({ residue }: GamedayState): string[] {
  return residue.length === 0 ? [] : ['## Left behind', residue.map((one) => `- ${text(one)}`).join('\n')];
}

function scorecard({ started, results, skipped }: GamedayState, directory: string): string {
  return pipeTable(
    [
      'Part',
      'Verdict',
      'Promises kept>',
      'Detected after>',
      'Recovered after>',
      'Downtime>',
      'Failed requests>',
      'Report',
    ],
    started.parts.map(({ name }, index) => {
      const result = results.get(index);
      if (result === undefined)
        return [code(name), skipped.has(index) ? 'skipped' : 'not run', '–', '–', '–', '–', '–', '–'];
      const { faults, promises } = result;
      const kept = promises.filter((one) => one.result === 'PASS').length;
      return [
        code(name),
        result.verdict,
        `${kept} of ${promises.length}`,
        worst(faults.map((fault) => fault.detectedAfterMs)),
        worst(faults.map((fault) => fault.recoveredAfterMs)),
        worst(faults.map((fault) => fault.downtimeMs)),
        count(faults.reduce((sum, fault) => sum + fault.failedRequests, 0)),
        result.directory === null ? '–' : `[report](${link(result.directory, directory)})`,
      ];
    }),
  );
}

/** `recovered after 1.2 s`, `recovery: no outage`. */
function recovery({ recoveredAfterMs, recovered }: PartResult['faults'][number]): string {
  if (recoveredAfterMs !== null) return `recovered after ${recovered ?? duration(recoveredAfterMs)}`;
  return `recovery: ${recovered ?? 'not measured'}`;
}

function worst(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? '–' : duration(Math.max(...known));
}

function link(run: string, directory: string): string {
  return path
    .relative(directory, path.join(run, 'report.html'))
    .split(path.sep)
    .map((name) =>
      encodeURIComponent(plain(name)).replace(/[()]/g, (char) => `%${char.charCodeAt(0).toString(16)}`),
    )
    .join('/');
}

function part(
  lines: readonly RecordLine[],
  { started, results, skipped }: GamedayState,
  index: number,
): string {
  const planned = started.parts[index];
  if (planned === undefined) return '';
  const result = results.get(index);
  const said = lines.flatMap(({ event }): [string, string][] => {
    if (event.type === 'predicted' && event.part === index) return [['Expected by the people', event.answer]];
    if (event.type === 'answered' && event.part === index) return [[event.question, event.answer]];
    return [];
  });
  return [
    `## Part ${index + 1}: ${text(planned.name)}`,
    `**Hypothesis:** ${text(planned.hypothesis)}`,
    result === undefined
      ? skipped.has(index)
        ? 'Skipped.'
        : 'Not run.'
      : `**${HELD[result.verdict]}** (${result.verdict})\n\n${result.reasons.map((reason) => `- ${text(reason)}`).join('\n')}`,
    ...(result === undefined ? [] : [promises(result)]),
    ...said.map(([question, answer]) => `**${text(question)}** ${text(answer)}`),
  ]
    .filter((one) => one !== '')
    .join('\n\n');
}

const HELD = { PASS: 'It held.', FAIL: 'It did not hold.', INVALID: 'Not known.' };

function promises({ promises }: PartResult): string {
  if (promises.length === 0) return '';
  return pipeTable(
    ['Promise', 'Expected', 'Observed>', 'Result'],
    promises.map((one) => [text(one.name), code(one.target), text(one.measured), one.result]),
  );
}

function actions(lines: readonly RecordLine[], { started }: GamedayState): string {
  const rows = lines.flatMap(({ event }) =>
    event.type === 'action'
      ? [
          [
            text(event.what),
            text(event.who),
            event.part === null ? '' : code(started.parts[event.part]?.name ?? ''),
          ],
        ]
      : [],
  );
  return rows.length === 0 ? 'None was written down.' : pipeTable(['What', 'Who', 'From part'], rows);
}

/** Headings as teams know them from their own templates. */
function postMortem(lines: readonly RecordLine[], state: GamedayState): string[] {
  const { started, results } = state;
  const names = started.parts.map(({ name }) => name);
  const faults = [...results].flatMap(([index, { faults }]) =>
    faults.map((fault) => ({ ...fault, part: names[index] ?? '' })),
  );
  const broken = [...results].flatMap(([index, { promises }]) =>
    promises.filter(({ result }) => result === 'FAIL').map((one) => ({ ...one, part: names[index] ?? '' })),
  );
  const failed = faults.reduce((sum, fault) => sum + fault.failedRequests, 0);
  const after = lines.flatMap(({ event }) =>
    event.type === 'answered' && event.part === null ? [event] : [],
  );
  return [
    '# Post-mortem (draft)',
    '## Summary',
    `${count(results.size)} of ${count(started.parts.length)} parts were run: ${tally([...results.values()])}. ${
      broken.length === 0
        ? 'No promise was broken.'
        : `Broken: ${broken.map((one) => `${text(one.name)} in ${code(one.part)} (${code(one.target)}, observed ${text(one.measured)})`).join('; ')}.`
    }`,
    '## Impact',
    faults.length === 0
      ? 'No fault was judged.'
      : `${count(failed)} ${failed === 1 ? 'request' : 'requests'} failed.\n\n${pipeTable(
          ['Part', 'Fault', 'Downtime>', 'Failed requests>'],
          faults.map((fault) => [
            code(fault.part),
            text(`${fault.name} (${fault.kind} of ${fault.component})`),
            durationOrNot(fault.downtimeMs),
            count(fault.failedRequests),
          ]),
        )}`,
    '## Detection and recovery',
    faults.length === 0
      ? 'Nothing was measured.'
      : faults
          .map(
            (fault) =>
              `- ${code(fault.name)}: ${fault.detectedAfterMs === null ? 'no alert came' : `an alert came after ${duration(fault.detectedAfterMs)}`}; ${recovery(fault)}.`,
          )
          .join('\n'),
    '## Timeline',
    pipeTable(
      ['UTC', 'Who', 'What'],
      gamedayTimeline(lines, names).map((row) => [clock(row.at), row.who, text(row.text)]),
    ),
    '## Contributing causes',
    '*For people to write: why did what was broken break? What made it worse, or noticed late?*',
    ...(after.length === 0
      ? ['## What went well, what did not', '*For people to write.*']
      : after.flatMap(({ question, answer }) => [`## ${text(question)}`, text(answer)])),
    '## What is done about it',
    'See [Actions](#actions).',
  ];
}

function tally(results: readonly PartResult[]): string {
  const parts = (['PASS', 'FAIL', 'INVALID'] as const).flatMap((verdict) => {
    const number = results.filter((one) => one.verdict === verdict).length;
    return number === 0 ? [] : [`${number} ${verdict}`];
  });
  return parts.length === 0 ? 'none' : parts.join(', ');
}
