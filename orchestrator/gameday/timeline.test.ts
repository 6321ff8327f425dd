import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { JournalEvent } from '../journal/events.ts';
import { openJournal } from '../journal/journal.ts';
import { journalOf } from '../journal/run-directory.ts';
import { gamedayTimeline } from './timeline.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'squall-gameday-timeline-'));
afterAll(() => rmSync(root, { recursive: true }));

const alert = (name: string): JournalEvent => ({
  type: 'alert',
  alert: { receivedAt: 0, status: 'firing', labels: { alertname: name }, annotations: {}, startsAt: null },
});
const after: JournalEvent[] = [
  { type: 'fault-ended', fault: 'lost', evidence: { at: 0, seen: ['it is back'] } },
  { type: 'stopped', cause: 'signal', reason: 'SIGINT received' },
  { type: 'residue', what: 'a rule', command: 'remove it' },
];

test.each([
  [10, []],
  [11, ['… and 1 more alert']],
  [300, ['… and 290 more alerts']],
])('%i alerts of a run: ten are told, and all that comes after them', (number, more) => {
  const texts = textsOf([...Array.from({ length: number }, (_, i) => alert(`storm-${i}`)), ...after]);
  expect(texts.filter((text) => text.includes('storm-'))).toHaveLength(10);
  expect(texts.filter((text) => text.startsWith('… and'))).toEqual(more);
  expect(texts.slice(-2)).toEqual([
    '■ stopped (signal): SIGINT received',
    '! left behind: a rule; remove with: remove it',
  ]);
});

function textsOf(events: readonly JournalEvent[]): string[] {
  const directory = mkdtempSync(path.join(root, 'run-'));
  const journal = openJournal(journalOf(directory));
  for (const event of events) journal.append(event);
  journal.close();
  const started = { type: 'part-started', part: 0, directory } as const;
  return gamedayTimeline([{ at: 0, event: started }], ['first']).map(({ text }) => text);
}
