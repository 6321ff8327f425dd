import type { JournalEvent, JournalLine, LoadEnded, RunStarted } from '../journal/events.ts';
import { readableMs } from '../objectives/number-text.ts';
import type { LoadCounts } from './collect-load.ts';
import type { FaultTimes } from './fault-times.ts';
import type { Window } from './outages/troubles.ts';
import { scenarioFindings } from './scenarios.ts';
import type { Finding } from './verdict.ts';

/** What one load's recording turned out to be. */
export interface LoadRead {
  readonly load: number;
  readonly complete: boolean;
  readonly detail: string;
  readonly counts: LoadCounts;
}

export interface FindingsInput {
  readonly started: RunStarted;
  readonly lines: readonly JournalLine[];
  readonly damage: string | null;
  readonly loads: readonly LoadRead[];
  readonly faults: readonly FaultTimes[];
  /** When faults kept the target from answering. Epoch ms. */
  readonly outages: readonly Window[];
}

/** What is wrong with the run as a whole. Pure. */
export function findingsOf(input: FindingsInput): Finding[] {
  const { lines, damage } = input;
  const findings: Finding[] = [];
  const invalid = (text: string) => void findings.push({ result: 'INVALID', text });
  const stops = of(lines, 'stopped');
  if (damage !== null) invalid(`The journal cannot be trusted: ${damage}.`);
  for (const stop of stops) invalid(`The run was stopped (${stop.cause}): ${stop.reason}.`);
  for (const { reason } of of(lines, 'steady-failed')) invalid(`There was no steady state: ${reason}.`);
  if (
    input.faults.some((f) => f.injectingAt !== null) &&
    !steadyWasHeld(lines) &&
    !has(lines, 'steady-failed')
  ) {
    invalid('Faults went in before the steady state had been proven.');
  }
  input.started.drill.load.forEach((load, index) => {
    findings.push(...loadFindings(input, index, load.script !== undefined, stops.length > 0));
  });
  const stepMs = of(lines, 'run-ended').at(-1)?.clockStepMs ?? 0;
  if (Math.abs(stepMs) > LARGEST_CLOCK_STEP_MS) {
    const way = stepMs > 0 ? 'forward' : 'back';
    invalid(`The clock was set ${way} by ${readableMs(Math.abs(stepMs))}: times do not fit together.`);
  }
  if (!has(lines, 'run-ended')) invalid('The journal has no end: squall was killed or is still running.');
  return findings;
}

/** Less than this is what two readings differ by on a busy machine. */
const LARGEST_CLOCK_STEP_MS = 100;

function loadFindings(input: FindingsInput, load: number, isScript: boolean, wasStopped: boolean): Finding[] {
  const name = nameOf(input.started, load);
  const findings: Finding[] = [];
  const add = (result: Finding['result'], text: string) => void findings.push({ result, text });
  const ended = of(input.lines, 'load-ended').find((event) => event.load === load);
  const read = input.loads.find((one) => one.load === load);
  const begun = of(input.lines, 'load-started').find((event) => event.load === load);
  if (begun === undefined) {
    add('INVALID', `${name} was never started.`);
    return findings;
  }
  if (ended === undefined) add('INVALID', `The journal does not say how ${name} ended.`);
  else {
    exitFinding(ended, name, isScript, wasStopped, add);
    if (!ended.streamComplete)
      add('INVALID', `The samples of ${name} are not complete: ${ended.streamDetail}.`);
  }
  if (read === undefined) return findings;
  if (!read.complete && (ended === undefined || ended.streamComplete)) {
    add('INVALID', `The recording of ${name} is not complete: ${read.detail}.`);
  }
  const { requests, dropped, iterations } = read.counts;
  if (requests + dropped + iterations === 0)
    add('INVALID', `${name} sent nothing: there is no sample of its load.`);
  const { scenarios } = read.counts;
  const planned = begun.scenarios ?? null;
  return [
    ...findings,
    ...scenarioFindings({ scenarios, planned, ended, outages: input.outages, load: name, wasStopped }),
    ...judgementFindings(read.counts, name),
    ...failureNotes(read.counts, name),
  ];
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
      text: `${name}: k6 was told not to judge ${total - unknown} requests (${names}${unjudged.size > SHOWN_NAMES ? ', …' : ''}); their status did: 200 to 399 is good.`,
    });
  }
  if (unknown > 0) {
    findings.push({
      result: 'INVALID',
      text: `${name}: of ${unknown} requests neither k6's judgement nor a status is known: whether they failed cannot be said (systemTags, setResponseCallback).`,
    });
  }
  if (ambiguous > 0) {
    findings.push({
      result: 'NOTE',
      text: `${name}: ${ambiguous} requests have an & in a tag of the script, which k6 writes unescaped (${ambiguousTags.slice(0, SHOWN_TAGS)}): where such a tag ends has two readings. k6's own columns are not touched by it; objectives with such a tag in \`where\` may miss requests.`,
    });
  }
  return findings;
}

/** A load of which most requests fail has one cause, mostly, which k6 names: connection refused, no such host. */
function failureNotes({ requests, failures }: LoadCounts, name: string): Finding[] {
  const total = [...failures.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0 || total * 2 < requests) return [];
  const most = [...failures].sort((a, b) => b[1] - a[1]).slice(0, SHOWN_NAMES);
  const causes = most.map(([cause, count]) => `${count} × ${cause}`).join(', ');
  return [{ result: 'NOTE', text: `${name}: ${total} of ${requests} requests failed: ${causes}.` }];
}

const SHOWN_NAMES = 3;
const SHOWN_TAGS = 120;

function exitFinding(
  { exitCode, signal }: LoadEnded,
  name: string,
  isScript: boolean,
  wasStopped: boolean,
  add: (result: Finding['result'], text: string) => void,
): void {
  if (exitCode === 0) return;
  if (exitCode === 99) {
    // A scenario's thresholds span the faults; the drill's objectives are judged by phase instead.
    if (isScript)
      add('FAIL', `${name}: thresholds that the script itself sets were crossed (k6 exit code 99).`);
    return;
  }
  if (exitCode === 110) {
    add('FAIL', `${name}: the script declared the test failed (k6 exit code 110).`);
    return;
  }
  // Squall stopped it; the stop is a finding of its own.
  if (wasStopped && (signal !== null || exitCode === 105)) return;
  const meaning = exitCode === null ? '' : (K6_EXIT[exitCode] ?? '');
  const how =
    exitCode === null
      ? `was killed by ${signal ?? 'an unknown signal'}`
      : `exited with ${exitCode}${meaning}`;
  add('INVALID', `${name}: k6 ${how}.`);
}

/** k6's own list (errext/exitcodes). */
const K6_EXIT: Readonly<Record<number, string>> = {
  100: ' (setup timed out)',
  101: ' (teardown timed out)',
  104: ' (bad configuration)',
  105: ' (ended by a signal)',
  107: ' (exception in the script)',
  108: ' (the script aborted the test)',
  109: ' (k6 panicked)',
};

function nameOf(started: RunStarted, load: number): string {
  const { scenario, script } = started.drill.load[load] ?? {};
  return `Load ${load + 1} (${scenario ?? script ?? 'unknown'})`;
}

function steadyWasHeld(lines: readonly JournalLine[]): boolean {
  const held = lines.findIndex((line) => line.event.type === 'steady-held');
  const first = lines.findIndex((line) => line.event.type === 'fault-injecting');
  return held >= 0 && held < first;
}

function has(lines: readonly JournalLine[], type: JournalEvent['type']): boolean {
  return lines.some((line) => line.event.type === type);
}

/** All events of one type. */
export function of<T extends JournalEvent['type']>(
  lines: readonly JournalLine[],
  type: T,
): Extract<JournalEvent, { type: T }>[] {
  return lines.flatMap(({ event }) =>
    event.type === type ? [event as Extract<JournalEvent, { type: T }>] : [],
  );
}
