import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { UndoOutcome, UndoRecord } from '../../chaos/provider.ts';
import { everyUndoing } from '../../scripts/providers.ts';
import { openJournal } from '../journal/journal.ts';
import { readJournal } from '../journal/read-journal.ts';
import { testbedRecord, testbedUndoing } from '../run/testbed.ts';
import { listActive } from './active-run.ts';
import { record } from './fixtures/counted-undo.ts';
import { dead, lock, run, undoing, undone } from './fixtures/dead-runs.ts';
import { isClean } from './left-nothing.ts';
import { recover } from './recover.ts';

test('a run whose journal was removed keeps its environment until a person has looked', async () => {
  lock('removed', dead);
  const [result] = await recover({ undoing });
  expect(result?.residue).toMatchObject([
    { what: expect.stringMatching(/is gone/), command: 'squall recover removed --declare-clean' },
  ]);
  expect(listActive()).toHaveLength(1);
  const [declared] = await recover({ run: 'removed', undoing, declareClean: true });
  expect(declared).toMatchObject({ residue: [], declared: [expect.stringMatching(/is gone/)] });
  expect(listActive()).toEqual([]);
});

/** The journal of a dead run with these lines changed, by their number. */
function damaged(name: string, changes: Readonly<Record<number, (line: string) => string>>): string {
  const at = run(name, dead);
  lock(name, dead);
  const journal = path.join(at, 'journal.jsonl');
  const lines = readFileSync(journal, 'utf8').split('\n');
  for (const [number, change] of Object.entries(changes)) {
    const index = Number(number) - 1;
    lines[index] = change(lines[index] ?? '');
  }
  writeFileSync(journal, lines.join('\n'));
  return at;
}

const changed = (line: string) => line.replace('undo it', 'undo that');
const garbled = () => 'what a broken disk gives back';

test.each([
  ['a changed line', { 2: changed }, ['one'], [/damaged, line 2 was changed .* it counts as it reads now/]],
  ['a garbled last line', { 2: garbled }, [], [/damaged, line 2 is not a journal line: .* not known/]],
  ['a garbled first line', { 1: garbled }, ['one'], [/damaged, line 1 is not a journal line/]],
  [
    'two of them',
    { 1: garbled, 2: changed },
    ['one'],
    [/damaged, line 1 is not/, /damaged, line 2 was changed/],
  ],
  ['no readable line', { 1: garbled, 2: garbled }, [], [/damaged, line 1 is not/, /damaged, line 2 is not/]],
] as const)(
  '%s: the rest is undone, the environment is free when a person says that it is clean',
  async (_what, changes, undoneThen, texts) => {
    const at = damaged('damaged', changes);
    for (const undoneNow of [undoneThen, []]) {
      undone.length = 0;
      const [left] = await recover({ undoing });
      expect(undone).toEqual(undoneNow);
      expect(left?.residue).toEqual(
        texts.map((what) => ({
          what: expect.stringMatching(what),
          command: 'squall recover damaged --declare-clean',
        })),
      );
      expect(isClean({ directory: at, guardian: dead })).toBe(false);
      expect(listActive()).toHaveLength(1);
    }
    const [declared] = await recover({ run: 'damaged', undoing, declareClean: true });
    expect(declared).toMatchObject({ residue: [], refused: null });
    expect(declared?.declared).toHaveLength(texts.length);
    expect(listActive()).toEqual([]);
    expect(isClean({ directory: at, guardian: dead })).toBe(true);
    expect(await recover({ run: at, undoing })).toMatchObject([{ residue: [], refused: null }]);
    expect(readJournal(path.join(at, 'journal.jsonl')).damages).toHaveLength(texts.length);
  },
);

test('what is known to be left is not declared away', async () => {
  damaged('stuck', { 2: changed });
  const stuck = [{ name: 'test', undo: async () => ({ state: 'failed', detail: 'no' }) as const }];
  const [result] = await recover({ run: 'stuck', undoing: stuck, declareClean: true });
  expect(result?.declared).toBeUndefined();
  expect(result?.residue).toHaveLength(2);
  expect(listActive()).toHaveLength(1);
});

/** Undoes one record by one word: what its place is like now. */
const places: Record<string, UndoOutcome> = {
  there: { state: 'failed', detail: 'held by a finalizer', sight: 'there' },
  away: { state: 'failed', detail: 'no such cluster', sight: 'out-of-reach' },
  failing: { state: 'failed', detail: 'no' },
};
const placed = (state: string) => [{ name: 'test', undo: async () => places[state] as UndoOutcome }];

test('what is out of reach is named with the way out, and can be declared of a run that is named', async () => {
  const at = run('away', dead);
  lock('away', dead);
  for (let times = 0; times < 2; times++) {
    const [left] = await recover({ undoing: placed('away') });
    expect(left).toMatchObject({
      undone: [],
      residue: [
        {
          what: expect.stringMatching(/undo it: .*squall recover away --declare-clean \(no such cluster\)/),
          command: 'true',
        },
      ],
    });
    expect(isClean({ directory: at, guardian: dead })).toBe(false);
    expect(listActive()).toHaveLength(1);
  }
  const [declared] = await recover({ run: 'away', undoing: placed('away'), declareClean: true });
  expect(declared).toMatchObject({ residue: [], undone: [], declared: ['undo it: no such cluster'] });
  expect(listActive()).toEqual([]);
  expect(isClean({ directory: at, guardian: dead })).toBe(true);
  const { lines, damage } = readJournal(path.join(at, 'journal.jsonl'));
  expect(damage).toBeNull();
  expect(lines.at(-1)?.event).toEqual({
    type: 'declared-clean',
    damage: [],
    records: [{ id: 'one', what: 'undo it: no such cluster' }],
    words: 'squall recover away --declare-clean',
  });
  expect(await recover({ run: at, undoing: placed('there') })).toMatchObject([{ residue: [], undone: [] }]);
});

test.each(['there', 'failing'])('a fault whose undo is %s is not declared away', async (state) => {
  const at = run('seen', dead);
  lock('seen', dead);
  const [result] = await recover({ run: 'seen', undoing: placed(state), declareClean: true });
  expect(result).toMatchObject({ residue: [{ what: 'undo it', command: 'true' }] });
  expect(result?.declared).toBeUndefined();
  expect(listActive()).toHaveLength(1);
  expect(isClean({ directory: at, guardian: dead })).toBe(false);
});

test('a fault that was seen to be there is not declared away by going out of reach', async () => {
  const at = run('hidden', dead);
  lock('hidden', dead);
  await recover({ undoing: placed('there') });
  const [result] = await recover({ run: 'hidden', undoing: placed('away'), declareClean: true });
  expect(result?.residue).toMatchObject([
    { what: expect.stringMatching(/it was there at 20.*nobody can declare it away.*remove the lock/) },
  ]);
  expect(result?.declared).toBeUndefined();
  expect(listActive()).toHaveLength(1);
  expect(isClean({ directory: at, guardian: dead })).toBe(false);
});

test('a testbed whose place cannot be reached (69) can be declared, one that does not go down for another reason cannot', async () => {
  for (const [code, isFree] of [
    [69, true],
    [1, false],
  ] as const) {
    const name = `testbed-${code}`;
    const at = run(name, dead);
    lock(name, dead);
    const file = path.join(at, 'journal.jsonl');
    const journal = openJournal(file, readJournal(file).end);
    const down = ['sh', '-c', `exit ${code}`];
    journal.append({ type: 'undo-armed', record: testbedRecord({ up: down, status: down, down }, at, at) });
    journal.close();
    const all = [...undoing, testbedUndoing];
    const [result] = await recover({ run: name, undoing: all, declareClean: true });
    expect(result?.declared === undefined).toBe(!isFree);
    expect(isClean({ directory: at, guardian: dead })).toBe(isFree);
  }
});

test('of two, one that is there keeps the other from being declared', async () => {
  const at = run('two', dead);
  lock('two', dead);
  const file = path.join(at, 'journal.jsonl');
  const journal = openJournal(file, readJournal(file).end);
  journal.append({ type: 'undo-armed', record: { ...record, id: 'other' } });
  journal.close();
  const each = [
    {
      name: 'test',
      undo: async ({ id }: UndoRecord) => places[id === 'one' ? 'away' : 'there'] as UndoOutcome,
    },
  ];
  const [result] = await recover({ run: 'two', undoing: each, declareClean: true });
  expect(result?.residue).toHaveLength(2);
  expect(listActive()).toHaveLength(1);
});

test('a cluster that is gone for good, by the provider itself: declared, and the environment is free', async () => {
  const at = run('gone', dead);
  lock('gone', dead);
  const file = path.join(at, 'journal.jsonl');
  const place = {
    kind: 'NetworkChaos',
    namespace: 'dawg',
    name: 'squall-cut',
    run: 'gone',
    reaches: ['dawg'],
    server: 'https://127.0.0.1:1',
    context: 'kind',
    kubeconfig: path.join(at, 'no-kubeconfig'),
  };
  const fault: UndoRecord = {
    ...record,
    id: 'cut',
    provider: 'chaos-mesh',
    action: 'delete-object',
    data: place,
    // As its own records have: on a busy machine the client alone takes longer to load than the usual 4 s.
    deadlineMs: 60_000,
  };
  const journal = openJournal(file, readJournal(file).end);
  journal.append({ type: 'undo-armed', record: fault });
  journal.close();
  const all = [...undoing, ...everyUndoing()];
  const [left] = await recover({ run: 'gone', undoing: all });
  expect(left?.residue).toMatchObject([{ what: expect.stringContaining('recover gone --declare-clean') }]);
  const [declared] = await recover({ run: 'gone', undoing: all, declareClean: true });
  expect(declared).toMatchObject({
    residue: [],
    declared: [expect.stringContaining('no cluster is configured')],
  });
  expect(listActive()).toEqual([]);
});

test('damage after the declaration is nothing that it answered for', async () => {
  const at = damaged('again', { 1: garbled });
  await recover({ run: 'again', undoing, declareClean: true });
  const journal = path.join(at, 'journal.jsonl');
  writeFileSync(journal, readFileSync(journal, 'utf8').replace('undo it', 'undo that'));
  expect(isClean({ directory: at, guardian: dead })).toBe(false);
});
