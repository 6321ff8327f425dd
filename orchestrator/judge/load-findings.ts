import path from 'node:path';
import type { JournalEvent, JournalLine, RunStarted } from '../journal/events.ts';
import { many } from '../objectives/number-text.ts';
import type { LoadCounts } from './collect-load.ts';
import { type Finding, wasUnreached } from './finding.ts';
import { hangFindings } from './hang-findings.ts';
import { exitFinding, threwBeforeLoad } from './load-exit.ts';
import { runnerNotes } from './load-runners.ts';
import type { Hang } from './outages/hangs.ts';
import type { Window } from './outages/troubles.ts';
import { scenarioFindings } from './scenarios.ts';
import { decidesAlone, emptyThresholds, failedAltogether, noneAnswered } from './unproven.ts';

/** What one load's recording turned out to be. */
export interface LoadRead {
  readonly load: number;
  readonly complete: boolean;
  readonly detail: string;
  readonly counts: LoadCounts;
  /** Left out: none. */
  readonly hangs?: readonly Hang[];
}

export interface LoadFindingsInput {
  readonly started: RunStarted;
  readonly lines: readonly JournalLine[];
  readonly loads: readonly LoadRead[];
  readonly outages: readonly Window[];
}

/** A finding and when it happened (epoch ms; Infinity: at no time in particular). */
interface Timed {
  readonly at: number;
  readonly finding: Finding;
}

/** What is wrong with one load: k6, its samples, its scenarios. `stoppedAt`: when squall stopped the run, if it did. */
export function loadFindings(input: LoadFindingsInput, load: number, stoppedAt: number | null): Timed[] {
  const name = nameOf(input.started, load);
  const log = `Read k6's log in the directory of the run (k6/k6-${load}.log)`;
  const findings: Timed[] = [];
  const add = (at: number, finding: Finding) => void findings.push({ at, finding });
  const begun = eventOf(input.lines, 'load-started', load);
  const ended = eventOf(input.lines, 'load-ended', load);
  const startAt = input.lines[0]?.at ?? 0;
  if (begun === null) {
    add(stoppedAt ?? startAt, {
      result: 'INVALID',
      text: `${name} was never started.`,
      advice: 'Look at the notes of the report for why, then run again.',
      cutAt: startAt,
      follows: name,
    });
    return findings;
  }
  const endAt = ended?.at ?? Number.POSITIVE_INFINITY;
  const wasStopped = stoppedAt !== null && stoppedAt <= endAt;
  const isScript = input.started.drill.load[load]?.script !== undefined;
  const read = input.loads.find((one) => one.load === load);
  const isAlone = decidesAlone(input.started.drill, load);
  const unreached = wasUnreached(input.lines);
  const isUnreached = unreached || (isAlone && read !== undefined && noneAnswered(read.counts));
  const hasBegun = read === undefined ? null : read.counts.scenarios.size > 0;
  const about = { name, log, isScript, wasStopped, isUnreached, hasBegun };
  const exit = ended === null ? null : exitFinding(ended, about);
  if (ended === null) {
    add(endAt, {
      result: 'INVALID',
      text: `The journal does not say how ${name} ended.`,
      consequence: 'whether its samples are all that there were is not known',
      advice: 'Run the drill again.',
      follows: `the end of ${name}`,
    });
  } else if (exit !== null) {
    const cut = ended.event.streamComplete ? '' : `; its samples end there (${ended.event.streamDetail})`;
    add(ended.at, { ...exit, text: exit.text.replace(/\.$/, `${cut}.`) });
  }
  if (ended !== null && !ended.event.streamComplete && exit === null) {
    add(ended.at, {
      result: 'INVALID',
      text: `The samples of ${name} are not complete: ${ended.event.streamDetail}.`,
      consequence: 'what is missing may be what matters',
      advice: `${log}, and look whether the disk is full (\`df -h\`); then run again.`,
      cutAt: ended.at,
      ...(stoppedAt === null ? {} : { follows: `the samples of ${name}` }),
    });
  }
  if (read === undefined) return findings;
  const end = ended?.event;
  if (!read.complete && (end === undefined || end.streamComplete)) {
    add(endAt, {
      result: 'INVALID',
      text: `The recording of ${name} is not complete: ${read.detail}.`,
      consequence: 'what is missing may be what matters',
      advice: 'Put the recording (k6/) back as it was, or run the drill again.',
      follows: `the recording of ${name}`,
    });
  }
  const { requests, dropped, iterations, scenarios } = read.counts;
  const events = read.counts.streams.reduce((sum, count) => sum + count, 0);
  if (requests + events + dropped + iterations === 0) {
    add(endAt, {
      result: 'INVALID',
      text: `${name} sent nothing: there is no sample of its load.`,
      advice: `${log}, and run the script alone with \`k6 run\`.`,
      cutAt: begun.at,
      follows: `the samples of ${name}`,
    });
  }
  const idle = requests + events === 0;
  const planned = begun.event.scenarios ?? null;
  // No scenario is missed that had not begun by then.
  const wasCut = wasStopped || (end !== undefined && threwBeforeLoad(end, hasBegun));
  const told = { scenarios, planned, ended: end, outages: input.outages, load: name, wasStopped: wasCut };
  const causes = causesOfFailure(read.counts);
  const failed = isAlone && !unreached ? failedAltogether(read.counts, name, causes) : [];
  const isWhole = read.complete && !wasStopped && (end?.exitCode === 0 || end?.exitCode === 99);
  const later: Finding[] = [
    ...failed,
    ...(isWhole && !isUnreached ? hangFindings(read.hangs ?? [], input.outages, name) : []),
    ...(isWhole && failed.length === 0 ? emptyThresholds(read.counts, name) : []),
    ...scenarioFindings(told).map((one) =>
      one.result === 'NOTE' ? one : explained(one, log, idle ? begun.at : null),
    ),
    ...judgementFindings(read.counts, name),
    ...(failed.length === 0 ? failureNotes(read.counts, name, causes) : []),
    ...runnerNotes(input.lines, load, name),
  ];
  for (const finding of later) add(endAt, finding);
  return findings;
}

/** A scenario that did nothing, or only threw. Where that was all of the load, nothing else could be measured either. */
function explained(finding: Finding, log: string, cutAt: number | null): Finding {
  return {
    ...finding,
    consequence: 'what it should have measured is not known',
    advice: `${log}, mend the script, and run again.`,
    ...(cutAt === null ? {} : { cutAt }),
  };
}

/** How squall read what k6 left open. */
function judgementFindings(counts: LoadCounts, name: string): Finding[] {
  const { unjudged, unknown, ambiguous, ambiguousTags } = counts;
  const findings: Finding[] = [];
  const total = [...unjudged.values()].reduce((sum, count) => sum + count, 0);
  if (total > unknown) {
    const names = [...unjudged.keys()].slice(0, SHOWN_NAMES).join(', ');
    findings.push({
      result: 'NOTE',
      text: `${name}: k6 was told not to judge ${many(total - unknown, 'request')} (${names}${unjudged.size > SHOWN_NAMES ? ', …' : ''}); their status did: 200 to 399 is good.`,
    });
  }
  if (unknown > 0) {
    findings.push({
      result: 'INVALID',
      text: `${name}: of ${many(unknown, 'request')} neither k6's judgement nor a status is known: whether they failed cannot be said (systemTags, setResponseCallback).`,
      consequence: 'no share of errors and no outage can be trusted',
      advice: 'Keep `status` in `systemTags`, or leave `setResponseCallback` alone.',
    });
  }
  if (ambiguous > 0) {
    findings.push({
      result: 'NOTE',
      text: `${name}: ${many(ambiguous, 'request has', 'requests have')} an & in a tag of the script, which k6 writes unescaped (${ambiguousTags.slice(0, SHOWN_TAGS)}): where such a tag ends has two readings. k6's own columns are not touched by it; objectives with such a tag in \`where\` may miss requests.`,
    });
  }
  return findings;
}

/** A load of which most requests fail has one cause, mostly, which k6 names: connection refused, no such host. */
function failureNotes({ requests, failures }: LoadCounts, name: string, causes: string): Finding[] {
  const total = [...failures.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0 || total * 2 < requests) return [];
  return [{ result: 'NOTE', text: `${name}: ${total} of ${requests} requests failed: ${causes}.` }];
}

function causesOfFailure({ failures }: LoadCounts): string {
  const most = [...failures].sort((a, b) => b[1] - a[1]).slice(0, SHOWN_NAMES);
  return most.map(([cause, count]) => `${count} × ${cause}`).join(', ');
}

const SHOWN_NAMES = 3;
const SHOWN_TAGS = 120;

function nameOf(started: RunStarted, load: number): string {
  const { scenario, script } = started.drill.load[load] ?? {};
  return `Load ${load + 1} (${scenario ?? (script === undefined ? 'unknown' : path.basename(script))})`;
}

function eventOf<T extends 'load-started' | 'load-ended'>(
  lines: readonly JournalLine[],
  type: T,
  load: number,
): { readonly at: number; readonly event: Extract<JournalEvent, { type: T }> } | null {
  for (const { at, event } of lines) {
    if (event.type === type && event.load === load)
      return { at, event: event as Extract<JournalEvent, { type: T }> };
  }
  return null;
}
