import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { identify, isAlive, type ProcessIdentity } from '../../chaos/process-identity.ts';
import { runStarted } from '../../test/run-started.ts';
import { eachInStateDirectory } from '../../test/state-directory.ts';
import type { JournalEvent } from '../journal/events.ts';
import { openJournal } from '../journal/journal.ts';
import { readJournal } from '../journal/read-journal.ts';
import { journalOf } from '../journal/run-directory.ts';
import { loadRunners } from '../load/runners.ts';
import { testbedUndoing } from '../run/testbed.ts';
import { outstanding } from '../undo.ts';
import { type ActiveRun, claim, listActive } from './active-run.ts';
import { countedUndo, record } from './fixtures/counted-undo.ts';
import { runGuardian } from './guardian/guardian.ts';
import { recover } from './recover.ts';

let directory: string;
const { undone, counting } = countedUndo();
const undoing = [counting, ...loadRunners, testbedUndoing];
const dead = { ...(identify(process.pid) as ProcessIdentity), start: 'another boot:1' };

eachInStateDirectory((made) => {
  undone.length = 0;
  directory = made;
});

/** The journal of a dead run, with these events as they are, whole and well chained; its lock is there. */
function journalWith(...events: readonly unknown[]): string {
  const at = path.join(directory, 'run');
  mkdirSync(at);
  const journal = openJournal(journalOf(at));
  journal.append(runStarted({ run: 'run', owner: dead }));
  for (const event of events) journal.append(event as JournalEvent);
  journal.close();
  const environmentFile = path.join(directory, 'lab.yaml');
  claim(
    { run: 'run', environment: 'lab', environmentFile, directory: at, owner: dead, guardian: null },
    () => true,
  );
  return at;
}

const armed = (changes: object) => ({ type: 'undo-armed', record: { ...record, ...changes } });

test.each([
  ['no record', { type: 'undo-armed' }, 'record: '],
  ['null as the record', { type: 'undo-armed', record: null }, 'record: '],
  ['a list as the record', { type: 'undo-armed', record: [record] }, 'record: '],
  ['a number as its id', armed({ id: 7 }), 'record.id: '],
  ['an empty id', armed({ id: '' }), 'record.id: '],
  ['no provider', armed({ provider: undefined }), 'record.provider: '],
  ['a list as its data', armed({ data: [] }), 'record.data: '],
  ['a text as its data', armed({ data: 'pid 1' }), 'record.data: '],
  ['a deadline that is never', armed({ deadlineMs: 1e300 }), 'record.deadlineMs: '],
  ['a deadline before it began', armed({ deadlineMs: -1 }), 'record.deadlineMs: '],
  ['a command that is a list', armed({ command: ['rm', '-rf'] }), 'record.command: '],
  ['a type that no squall writes', { ...armed({}), type: 'undo-now' }, 'type: '],
  ['no type', { record }, 'type: '],
])('a line with %s is named and undoes nothing, and the others are undone', async (_, event, what) => {
  const at = journalWith(event, armed({ id: 'good' }));
  const { damages } = readJournal(journalOf(at));
  expect(damages).toMatchObject([{ line: 2, kind: 'strange', why: expect.stringContaining(what) }]);
  const [result] = await recover({ undoing });
  expect(undone).toEqual(['good']);
  expect(result?.residue).toMatchObject([
    { what: expect.stringContaining('line 2 is not one that this squall writes') },
  ]);
  expect(listActive()).toHaveLength(1);
});

const sleeper = () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  onTestFinished(() => void child.kill('SIGKILL'));
  return identify(child.pid ?? 0) as ProcessIdentity;
};

test.each<[string, (live: ProcessIdentity) => unknown]>([
  ['a negative pid', ({ pid, start }) => ({ pid: -pid, start })],
  ['a pid in a text', ({ pid, start }) => ({ pid: String(pid), start })],
  ['pid 1, whose group is every process', () => identify(1)],
  ['pid 0, which is the own group', ({ start }) => ({ pid: 0, start })],
  ['half a pid', ({ pid, start }) => ({ pid: pid + 0.5, start })],
  ['a pid beyond all numbers', ({ start }) => ({ pid: 1e300, start })],
  ['no start', ({ pid }) => ({ pid })],
  ['an empty start', ({ pid }) => ({ pid, start: '' })],
  ['a list as its start', ({ pid, start }) => ({ pid, start: [start] })],
  ['what it lacks in its prototype', (live) => JSON.parse(`{"__proto__":${JSON.stringify(live)}}`)],
])('a load to end with %s is refused, and nothing is ended', async (_, dataOf) => {
  const live = sleeper();
  journalWith(armed({ id: 'load:0', provider: 'squall-load', data: dataOf(live) }));
  const [result] = await recover({ undoing });
  expect(result?.residue).toHaveLength(1);
  expect(isAlive(live)).toBe(true);
  const outcome = readJournal(journalOf(path.join(directory, 'run'))).lines.at(-1)?.event;
  expect(outcome).toMatchObject({
    type: 'undo-done',
    outcome: {
      state: 'failed',
      detail: expect.stringMatching(/not one that squall writes .*nothing was done/),
    },
  });
});

test.each<[string, (down: readonly string[], cwd: string) => unknown]>([
  ['a text for a command', (down, cwd) => ({ commands: { down: down.join(' ') }, cwd, runDirectory: cwd })],
  ['no command at all', (_, cwd) => ({ commands: { up: [], down: [], status: [] }, cwd, runDirectory: cwd })],
  [
    'a number among its words',
    (down, cwd) => ({
      commands: { up: ['true'], status: ['true'], down: [...down, 1] },
      cwd,
      runDirectory: cwd,
    }),
  ],
  [
    'no directory',
    (down) => ({ commands: { up: ['true'], status: ['true'], down }, cwd: 7, runDirectory: '' }),
  ],
])('a testbed to take down with %s is refused, and nothing is run', async (_, dataOf) => {
  const touched = path.join(directory, 'touched');
  journalWith(
    armed({ id: 'testbed', provider: 'squall-testbed', data: dataOf(['touch', touched], directory) }),
  );
  const [result] = await recover({ undoing });
  expect(result?.residue).toHaveLength(1);
  expect(existsSync(touched)).toBe(false);
});

test.each(['nobody', '__proto__', 'constructor', 'toString'])(
  'a record of a provider %s is left for a person',
  async (provider) => {
    journalWith(armed({ provider }));
    const [result] = await recover({ undoing });
    expect(result).toMatchObject({ undone: [], residue: [{ what: 'undo it', command: 'true' }] });
  },
);

test('the journal of an older squall, and what a newer one adds to its lines, is recovered as ever', async () => {
  const at = path.join(directory, 'old');
  mkdirSync(at);
  const journal = openJournal(journalOf(at));
  const { owner: _, receivesAlerts: __, ...started } = runStarted({ run: 'old' });
  const old = [
    started,
    { type: 'probe', name: 'p', ok: true, time: null, detail: '' },
    armed({}),
    { type: 'declared-clean', damage: [] },
    { type: 'run-ended' },
  ];
  const newer = [{ ...armed({ id: 'two', colour: 'red' }), why: { deep: [1] } }];
  for (const event of [...old, ...newer]) journal.append(event as JournalEvent);
  journal.close();
  const { damages, lines } = readJournal(journalOf(at));
  expect(damages).toEqual([]);
  expect(outstanding(lines).map(({ id }) => id)).toEqual(['one', 'two']);
  expect(await recover({ run: at, undoing })).toMatchObject([{ residue: [], refused: null }]);
  expect(undone.sort()).toEqual(['one', 'two']);
});

test('a guardian refuses a message that is none by its number, and undoes what it was told well', async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const at = path.join(directory, 'guarded');
  mkdirSync(at);
  const active: ActiveRun = {
    run: 'guarded',
    environment: 'lab',
    environmentFile: path.join(directory, 'lab.yaml'),
    directory: at,
    owner: dead,
    guardian: null,
  };
  const over = runGuardian({ input, output, undoing });
  const live = sleeper();
  const messages = [
    { type: 'hello', active: { ...active, run: '../../elsewhere' } },
    { type: 'hello', active },
    { type: 'arm', record: { ...record, id: 7 } },
    { type: 'arm', record },
    { type: 'disarm', id: ['one'] },
    { type: 'kill', pid: live.pid },
    null,
  ];
  for (const message of messages) input.write(`${JSON.stringify(message)}\n`);
  input.end('{"type":"arm","record":{"id":"cut in the mid');
  await over;
  const answers = String(output.read()).trimEnd().split('\n');
  expect(answers.map((line) => JSON.parse(line).refused !== undefined)).toEqual([
    true,
    false,
    true,
    false,
    true,
    true,
    true,
    true,
  ]);
  expect(answers[2]).toContain('record.id');
  expect(undone).toEqual(['one']);
  expect(isAlive(live)).toBe(true);
});

test.each([
  ['garbled', 'not json'],
  ['a pid that is a text', { pid: 'x', start: 's' }],
  ['a name that leads elsewhere', { run: '../../etc/passwd' }],
])('a lock with %s is nobody’s: it is neither followed nor taken over', async (_, change) => {
  const environmentFile = path.join(directory, 'lab.yaml');
  const active = { run: 'mine', environment: 'lab', environmentFile, directory, owner: dead, guardian: null };
  const hostile = typeof change === 'string' ? change : { ...active, owner: change, ...change };
  const { lockOf } = await import('./active-run.ts');
  const { writeFileSync } = await import('node:fs');
  mkdirSync(path.dirname(lockOf(active)), { recursive: true });
  writeFileSync(lockOf(active), JSON.stringify(hostile));
  expect(listActive()).toEqual([]);
  expect(() => claim(active, () => true)).toThrow(/cannot be read/);
});
