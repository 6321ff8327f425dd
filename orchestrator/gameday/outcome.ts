import { measured } from '../report/text/format.ts';
import { impactTexts } from '../report/text/impact.ts';
import { duplicatedText } from '../report/text/writes.ts';
import type { Outcome, Verdict, WritesResult } from '../verdict.types.ts';
import type { GamedayStarted, PartResult, RecordLine } from './events.ts';

/** A game day as its record tells it. */
export interface GamedayState {
  readonly started: GamedayStarted;
  /** By number of the part; the newest where one was run again. */
  readonly results: ReadonlyMap<number, PartResult>;
  readonly skipped: ReadonlySet<number>;
  /** It went through to its end. */
  readonly ended: boolean;
  /** Why it did not, or what it is doing, as far as the record says; null when it ended. */
  readonly where: string | null;
  /** Of the drills the worst: FAIL, then INVALID. What was not run proves nothing. */
  readonly outcome: Outcome;
  readonly residue: readonly string[];
}

export function gamedayState(lines: readonly RecordLine[]): GamedayState {
  const [first] = lines;
  if (first?.event.type !== 'gameday-started') throw new Error('the record has no beginning');
  const started = first.event;
  const results = new Map<number, PartResult>();
  const skipped = new Set<number>();
  for (const { event } of lines) {
    if (event.type === 'part-ended') results.set(event.part, event.result);
    if (event.type === 'part-skipped') skipped.add(event.part);
  }
  const last = lines.at(-1)?.event ?? started;
  const ended = last.type === 'gameday-ended';
  const verdicts = [...results.values()].map(({ verdict }) => verdict);
  const whole = ended && results.size === started.parts.length;
  return {
    started,
    results,
    skipped,
    ended,
    where: ended ? null : placeOf(lines, started),
    outcome: verdicts.includes('FAIL') ? 'FAIL' : verdicts.includes('INVALID') || !whole ? 'INVALID' : 'PASS',
    residue: [...results.values()].flatMap(({ residue }) => residue),
  };
}

/** `stopped before part 2 (name): Ctrl-C` */
function placeOf(lines: readonly RecordLine[], { parts }: GamedayStarted): string {
  const named = (part: number) => `part ${part + 1} (${parts[part]?.name})`;
  let place = 'before the first part';
  let reason: string | null = null;
  for (const { event } of lines) {
    if (event.type === 'waiting') place = `before ${named(event.part)}`;
    if (event.type === 'part-started') place = `in ${named(event.part)}`;
    if (event.type === 'part-ended' || event.type === 'part-skipped') place = `after ${named(event.part)}`;
    if (event.type === 'stopped') reason = event.reason;
    if (event.type === 'resumed') reason = null;
  }
  return reason === null ? `under way, or cut off, ${place}` : `stopped ${place}: ${reason}`;
}

/** What the record keeps of a verdict. */
export function partResultOf(verdict: Verdict, directory: string, reportProblem: string | null): PartResult {
  return {
    // Nobody can check a verdict without its report.
    verdict: reportProblem === null ? verdict.verdict : 'INVALID',
    reasons: [
      ...(reportProblem === null ? [] : [`the report is not whole: ${reportProblem}`]),
      ...verdict.reasons,
    ],
    directory,
    residue: verdict.residue.map(({ what, command }) => `${what}; remove with: ${command}`),
    faults: verdict.faults.map((fault) => ({
      ...{ name: fault.name, kind: fault.kind, component: fault.component, result: fault.result },
      detectedAfterMs: fault.detectedAfterMs,
      recoveredAfterMs: fault.recoveredAfterMs,
      recovered: impactTexts(fault).recovered,
      downtimeMs: fault.downtimeMs,
      failedRequests: fault.failedRequests,
    })),
    promises: [
      ...verdict.faults.flatMap((fault) =>
        fault.expectations.map(({ name, ...rest }) => ({ ...rest, name: `${fault.name}: ${name}` })),
      ),
      ...verdict.objectives.map(({ name, phase, target, result, ...one }) => ({
        ...{ name: `${name} [${phase}]`, target, result, measured: measured(one.measured, target) },
      })),
      ...verdict.probes.map(({ name, target, measured, result }) => ({ name, target, measured, result })),
      ...(verdict.writes === null ? [] : [writesRow(verdict.writes)]),
    ],
  };
}

/** What the drill allows, which may be more than none. */
function writesRow(writes: WritesResult) {
  const { allowed, lost, acknowledged, result } = writes;
  const atMost = { lost: 0, duplicated: 0, ...allowed };
  return {
    ...{ name: 'writes', result },
    target: `at most ${atMost.lost} lost, ${atMost.duplicated} duplicated`,
    measured: `${lost} of ${acknowledged} lost, ${duplicatedText(writes)}`,
  };
}

/** A drill that was refused before it started. */
export function refusedPart(reason: string): PartResult {
  return { verdict: 'INVALID', reasons: [reason], directory: null, residue: [], faults: [], promises: [] };
}
