import { existsSync } from 'node:fs';
import type { JournalEvent } from '../journal/events.ts';
import { readJournal } from '../journal/read-journal.ts';
import { journalOf } from '../journal/run-directory.ts';
import { many } from '../objectives/number-text.ts';
import { eventLine } from '../progress/event-line.ts';
import type { GamedayEvent, RecordLine } from './events.ts';

export interface TimelineRow {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly who: 'people' | 'squall';
  readonly text: string;
}

/** What people said and what the drills did, on one timeline. @param names of the parts */
export function gamedayTimeline(lines: readonly RecordLine[], names: readonly string[]): TimelineRow[] {
  const said = lines.flatMap(({ at, event }): TimelineRow[] => {
    const text = sayingOf(event, names);
    return text === null ? [] : [{ at, ...text }];
  });
  const directories = new Set(
    lines.flatMap(({ event }) => (event.type === 'part-started' ? [event.directory] : [])),
  );
  const done = [...directories].flatMap((directory) => ofRun(directory));
  return [...said, ...done].sort((one, other) => one.at - other.at);
}

const TOLD: ReadonlySet<JournalEvent['type']> = new Set<JournalEvent['type']>([
  'steady-held',
  'steady-failed',
  'fault-injecting',
  'fault-injected',
  'fault-unproven',
  'fault-ended',
  'fault-end-unproven',
  'alert',
  'probe',
  'writes-checked',
  'stopped',
  'residue',
]);
/** Of a storm of alerts the first few of each run tell enough. */
const MAX_ALERTS = 10;

/** A run whose directory is gone, or that never began, has none. */
function ofRun(directory: string): TimelineRow[] {
  const file = journalOf(directory);
  if (!existsSync(file)) return [];
  const told = readJournal(file).lines.filter(({ event }) => TOLD.has(event.type));
  const [next, ...others] = told.filter(({ event }) => event.type === 'alert').slice(MAX_ALERTS);
  const untold = new Set(others);
  return told.flatMap((line): TimelineRow[] => {
    if (untold.has(line)) return [];
    const text =
      line === next ? `… and ${many(others.length + 1, 'more alert')}` : eventLine(line.event)?.text;
    return text === undefined ? [] : [{ at: line.at, who: 'squall', text }];
  });
}

function sayingOf(event: GamedayEvent, names: readonly string[]): Omit<TimelineRow, 'at'> | null {
  const named = (part: number | null) =>
    part === null ? 'the whole day' : (names[part] ?? `part ${part + 1}`);
  switch (event.type) {
    case 'gameday-started':
      return { who: 'squall', text: `game day ${event.name} on ${event.environment}` };
    case 'resumed':
      return { who: 'squall', text: 'the game day goes on' };
    case 'checked':
      return { who: 'people', text: `${event.question} ${event.answer}` };
    case 'predicted':
      return { who: 'people', text: `${named(event.part)}, expected: ${event.answer}` };
    case 'part-skipped':
      return { who: 'people', text: `${named(event.part)} was skipped` };
    case 'part-started':
      return { who: 'squall', text: `${named(event.part)} begins` };
    case 'part-ended':
      return { who: 'squall', text: `${named(event.part)} has ended: ${event.result.verdict}` };
    case 'answered':
      return { who: 'people', text: `${named(event.part)}: ${event.question} ${event.answer}` };
    case 'action':
      return { who: 'people', text: `to do: ${event.what}${event.who === '' ? '' : ` (${event.who})`}` };
    case 'stopped':
      return { who: 'squall', text: `stopped: ${event.reason}` };
    case 'gameday-ended':
      return { who: 'squall', text: 'the game day has ended' };
    case 'waiting':
      return null;
  }
}
