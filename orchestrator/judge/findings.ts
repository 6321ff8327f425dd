import type { JournalEvent, JournalLine, RunStarted } from '../journal/events.ts';
import { readableMs } from '../objectives/number-text.ts';
import { metricOf } from './events.ts';
import type { FaultTimes } from './fault-times.ts';
import { clockText, type Finding } from './finding.ts';
import { type LoadRead, loadFindings } from './load-findings.ts';
import type { Window } from './outages/troubles.ts';

export interface FindingsInput {
  readonly started: RunStarted;
  readonly lines: readonly JournalLine[];
  readonly damage: string | null;
  readonly loads: readonly LoadRead[];
  readonly faults: readonly FaultTimes[];
  /** When faults kept the target from answering. Epoch ms. */
  readonly outages: readonly Window[];
}

/** What is wrong with the run as a whole, in the order of time: the first is mostly the cause of the others. Pure. */
export function findingsOf(input: FindingsInput): Finding[] {
  const { lines, damage } = input;
  const findings: { readonly at: number; readonly finding: Finding }[] = [];
  const invalid = (at: number, text: string, more: Partial<Finding> = {}) =>
    void findings.push({ at, finding: { result: 'INVALID', text, ...more } });
  if (damage !== null) {
    invalid(Number.NEGATIVE_INFINITY, `The journal cannot be trusted: ${damage}.`, {
      consequence: 'what the run did cannot be proven',
      advice: 'Run the drill again, and leave the files of a run as they are.',
    });
  }
  for (const { at, event } of lines) {
    if (event.type === 'steady-failed') {
      invalid(at, `There was no steady state when the first fault was due: ${event.reason}.`, {
        consequence: 'no fault went in',
        advice: / cannot be told (?:from \d+ samples?|yet)/.test(event.reason)
          ? 'Send more of these requests (a higher rate or share), or make `steady.for` longer and the first fault later.'
          : 'Look at the steady phase in the report; lower the rate of the load, or give the target or this machine more room.',
        cutAt: at,
        phase: 'steady',
      });
    }
    // The end of a run without a steady state is told by the state itself.
    if (event.type === 'stopped' && !(event.cause === 'steady-state' && has(lines, 'steady-failed'))) {
      const { text, advice } = stopTold(event, lines);
      invalid(at, `The run was stopped at ${clockText(at)} (${event.cause}): ${text}.`, {
        consequence: 'the run is not whole',
        advice,
        cutAt: at,
      });
    }
  }
  const firstInjecting = lines.find(({ event }) => event.type === 'fault-injecting');
  if (
    input.faults.some((f) => f.injectingAt !== null) &&
    !steadyWasHeld(lines) &&
    !has(lines, 'steady-failed')
  ) {
    invalid(firstInjecting?.at ?? 0, 'Faults went in before the steady state had been proven.', {
      consequence: 'trouble that the faults made cannot be told from trouble that was there before',
      advice: 'Run the drill again with this version of squall.',
    });
  }
  const hasEnd = has(lines, 'run-ended');
  const stops = of(lines, 'stopped');
  const stoppedAt = lines.find(({ event }) => event.type === 'stopped')?.at ?? null;
  input.started.drill.load.forEach((_, load) => {
    findings.push(...loadFindings(input, load, stoppedAt));
  });
  for (const finding of silentStreams(input)) findings.push({ at: Number.POSITIVE_INFINITY, finding });
  const stepMs = of(lines, 'run-ended').at(-1)?.clockStepMs ?? 0;
  if (Math.abs(stepMs) > LARGEST_CLOCK_STEP_MS) {
    const way = stepMs > 0 ? 'forward' : 'back';
    invalid(
      Number.POSITIVE_INFINITY,
      `The clock was set ${way} by ${readableMs(Math.abs(stepMs))}: times do not fit together.`,
      {
        consequence: 'what happened when is not known',
        advice: 'Let the clock of this machine settle (`chronyc tracking`, `timedatectl`), then run again.',
      },
    );
  }
  if (!hasEnd) {
    const at = lines.at(-1)?.at ?? 0;
    invalid(at, 'The journal has no end: squall was killed or is still running.', {
      consequence: 'what followed is not known',
      advice: 'If it is not running any more, call `squall recover`, then run again.',
      // After a stop that was written down, the stop is what cut it short.
      ...(stops.length === 0 ? { cutAt: at } : {}),
    });
  }
  return findings.toSorted((a, b) => a.at - b.at).map(({ finding }) => finding);
}

/** Streams that the drill lists and nobody heard anything of: no outage in them is no evidence that there was none. */
function silentStreams({ started, loads }: FindingsInput): Finding[] {
  return (started.drill.events ?? []).flatMap((stream, i) => {
    if (loads.some(({ counts }) => (counts.streams[i] ?? 0) > 0)) return [];
    const metric = metricOf(stream);
    const where = stream.where === undefined ? '' : ` with the tags ${JSON.stringify(stream.where)}`;
    return [
      {
        result: 'INVALID' as const,
        text: `No event came from the metric ${metric}${where}, which \`events\` in the drill lists.`,
        consequence: 'whether that stream had outages is not known',
        advice: 'Look whether a script of the drill adds to a metric of this name; then run again.',
        follows: `the events of ${metric}`,
      },
    ];
  });
}

/** Less than this is what two readings differ by on a busy machine. */
const LARGEST_CLOCK_STEP_MS = 100;

type Stopped = Extract<JournalEvent, { type: 'stopped' }>;

/** What a person needs to know of a stop beyond its cause, and what to do. */
function stopTold(
  { cause, reason }: Stopped,
  lines: readonly JournalLine[],
): { readonly text: string; readonly advice: string } {
  switch (cause) {
    case 'signal':
      return {
        text: reason.replace(/^SIGINT received/, 'SIGINT received (Ctrl-C)'),
        advice: 'Run it again, and let it go on to its end.',
      };
    case 'kill-switch':
      return { text: reason, advice: 'Run it again, and let it go on to its end.' };
    case 'stop-condition':
      return {
        text: reason,
        advice:
          'Look at the seconds before the stop in the report. Mend the target, or widen `stop` in the drill if so much was expected.',
      };
    case 'unreached':
      return {
        // The tags of a request that has a name lack the address.
        text: [
          reason,
          ...of(lines, 'load-ended')
            .flatMap((one) => one.firstFailure ?? [])
            .slice(0, 1),
        ].join('; k6 said '),
        advice:
          'Look whether the target runs, and whether the load has its address (`vars` of the environment or the load); then run again.',
      };
    case 'guardian-lost':
      return {
        text: reason,
        advice:
          'Find out what ended it (`dmesg` names what the kernel killed when memory ran out), then run again.',
      };
    case 'error':
      return {
        text: reason,
        advice: /ENOSPC|no space left/i.test(reason)
          ? 'Make room on the disk of the run (`df -h`), or name another directory with --out; then run again.'
          : 'Mend what the message names, then run again.',
      };
    case 'steady-state':
    case 'load-ended':
      return { text: reason, advice: 'Look at the report, then run again.' };
  }
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
