import { isTellingName } from '../../chaos/secret-texts.ts';
import type { JournalEvent, JournalLine, ReceivedAlert, RunStarted } from '../journal/events.ts';
import type { RecordedRun } from '../judge/types.ts';
import type { ToldOutcome } from './integrations/told.ts';
import { count as countText } from './text/format.ts';

type EventOf<T extends JournalEvent['type']> = Extract<JournalEvent, { type: T }>;

/** What the report shows beyond the verdict: where, with what and by what the run was made. Drawn from the journal, but for who was told. */
export interface RunFacts {
  readonly started: RunStarted | null;
  /** Epoch milliseconds: the zero of the drill's times, or of the journal when no sample came. */
  readonly zeroMs: number;
  readonly loads: readonly LoadFacts[];
  readonly alerts: readonly ReceivedAlert[];
  /** Alerts that arrived and were not taken. `count` is null for whole calls of nobody knows how many. */
  readonly refused: readonly {
    readonly at: number;
    readonly count: number | null;
    readonly reason: string;
  }[];
  readonly stops: readonly { readonly at: number; readonly cause: string; readonly reason: string }[];
  /** From the injection's start to the evidence, or to giving up: what the chart shows of a fault that was never proven. */
  readonly attempts: readonly { readonly fault: string; readonly from: number; readonly to: number }[];
  readonly notes: readonly { readonly at: number; readonly text: string }[];
  readonly undone: readonly EventOf<'undo-done'>[];
  readonly damage: string | null;
  /** Who was told how the run ended. Left out: nobody was to be told. */
  readonly told?: readonly ToldOutcome[];
}

export interface LoadFacts {
  readonly script: string;
  /** Values of variables whose name says secret are not shown. */
  readonly vars: readonly (readonly [name: string, value: string])[];
  readonly k6: string;
  readonly end: EventOf<'load-ended'> | null;
}

export function runFacts(run: RecordedRun): RunFacts {
  const all = <T extends JournalEvent['type']>(type: T) => eventsOf(run.lines, type);
  const started = all('run-started')[0]?.event ?? null;
  const ends = all('load-ended').map((line) => line.event);
  return {
    started,
    zeroMs: all('first-sample')[0]?.event.time ?? run.lines[0]?.at ?? 0,
    loads: all('load-started').map(({ event }) => ({
      script: event.script,
      vars: Object.entries(started?.drill.load[event.load]?.vars ?? {}).map(
        ([name, value]) => [name, isTellingName(name) ? '•••' : value] as const,
      ),
      k6: event.k6,
      end: ends.find((end) => end.load === event.load) ?? null,
    })),
    alerts: all('alert').map((line) => line.event.alert),
    refused: all('alerts-refused').map(({ at, event: { count, reason } }) => ({ at, count, reason })),
    stops: all('stopped').map(({ at, event }) => ({ at, cause: event.cause, reason: event.reason })),
    attempts: all('fault-injecting').map(({ at, event: { fault } }) => ({
      fault,
      from: at,
      to: all('fault-unproven').find((line) => line.event.fault === fault)?.at ?? at,
    })),
    notes: all('note').map(({ at, event }) => ({ at, text: event.text })),
    undone: all('undo-done').map((line) => line.event),
    damage: run.damage,
  };
}

/** `1 500 alerts: the body is not JSON`. */
export function refusalTitle({ count, reason }: Pick<EventOf<'alerts-refused'>, 'count' | 'reason'>): string {
  if (count === null) return `alerts of a whole call: ${reason}`;
  return `${countText(count)} ${count === 1 ? 'alert' : 'alerts'}: ${reason}`;
}

/** One line for an alert: its name (or labels), and what it says. */
export function alertTitle(alert: ReceivedAlert): string {
  const { alertname, component, ...rest } = alert.labels;
  const what = alertname ?? Object.entries(rest)[0]?.join('=') ?? 'alert';
  return component === undefined ? what : `${what} · ${component}`;
}

function eventsOf<T extends JournalEvent['type']>(lines: readonly JournalLine[], type: T) {
  return lines.filter(
    (line): line is JournalLine & { readonly event: EventOf<T> } => line.event.type === type,
  );
}
