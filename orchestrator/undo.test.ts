import { expect, test } from 'vitest';
import type { UndoRecord } from '../chaos/provider.ts';
import type { JournalEvent, JournalLine } from './journal/events.ts';
import { outstanding, type Undoing, undoAll } from './undo.ts';

const record = (id: string, deadlineMs?: number): UndoRecord => ({
  id,
  provider: 'fixture',
  fault: id,
  action: 'test',
  data: {},
  describe: id,
  command: `true ${id}`,
  ...(deadlineMs === undefined ? {} : { deadlineMs }),
});
const lines = (...events: JournalEvent[]): JournalLine[] =>
  events.map((event, seq) => ({ seq, at: 0, event, prev: '', hash: '' }));
const done = (id: string, state: 'undone' | 'failed'): JournalEvent => ({
  type: 'undo-done',
  id,
  by: 'orchestrator',
  outcome: { state, detail: '' },
});

test('what was armed and not undone is outstanding, and so is what failed', () => {
  const events = ['a', 'b', 'c'].map((id): JournalEvent => ({ type: 'undo-armed', record: record(id) }));
  const open = outstanding(lines(...events, done('a', 'undone'), done('b', 'failed')));
  expect(open.map(({ id }) => id)).toEqual(['b', 'c']);
});

test('one undo that throws and one that hangs stop no other, and both are what is left', async () => {
  const undone: string[] = [];
  const undoing: Undoing = {
    name: 'fixture',
    undo: async ({ id }) => {
      if (id === 'throws') throw new Error('no');
      if (id === 'hangs') await new Promise(() => {});
      undone.push(id);
      return { state: 'undone', detail: '' };
    },
  };
  const outcomes: string[] = [];
  const left = await undoAll(
    [record('first'), record('throws'), record('hangs', 20), record('last')],
    [undoing],
    ({ id }, { state }) => outcomes.push(`${id} ${state}`),
  );
  expect(undone).toEqual(['last', 'first']);
  expect(left.map(({ id }) => id).sort()).toEqual(['hangs', 'throws']);
  expect(outcomes.sort()).toEqual(['first undone', 'hangs failed', 'last undone', 'throws failed']);
});

test('a record of a provider that is not here fails, and says so', async () => {
  const details: string[] = [];
  const left = await undoAll([record('a')], [], (_, { detail }) => details.push(detail));
  expect(left).toHaveLength(1);
  expect(details).toEqual(['no provider named fixture here']);
});

test('an undo that failed and knows what is left by now has the last word on it', async () => {
  const left = { what: 'half of it', command: 'remove the half' };
  const undo: Undoing['undo'] = async () => ({ state: 'failed', detail: 'stuck', left });
  const [first] = await undoAll([record('a')], [{ name: 'fixture', undo }], () => {});
  expect(first).toEqual({ ...record('a'), describe: 'half of it', command: 'remove the half' });
});
