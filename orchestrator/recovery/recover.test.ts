import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openJournal } from '../journal/journal.ts';
import { readJournal } from '../journal/read-journal.ts';
import { loadRunners } from '../load/runners.ts';
import { testbedRecord, testbedUndoing } from '../run/testbed.ts';
import { keepLock, listActive } from './active-run.ts';
import { keepRenewing } from './elsewhere.ts';
import { dead, directory, lock, run, self, undoing, undone } from './fixtures/dead-runs.ts';
import { hasLeftNothing, isClean } from './left-nothing.ts';
import { recover } from './recover.ts';

test('a run that is under way is left alone, also where its lock is out of sight', async () => {
  const at = run('live', self);
  const [result] = await recover({ run: at, undoing });
  expect(result?.refused).toMatch(/under way \(pid \d+\)/);
  expect(undone).toEqual([]);
});

test('a dead run is undone by its directory, once', async () => {
  const at = run('dead', dead);
  expect(await recover({ run: at, undoing })).toMatchObject([{ residue: [], refused: null }]);
  expect(await recover({ run: at, undoing })).toMatchObject([{ residue: [], refused: null, undone: [] }]);
  expect(undone).toEqual(['one']);
});

test('the pipe of a dead run goes with it, also when it had been undone by then; what is no pipe stays', async () => {
  const at = run('piped', dead);
  const k6 = path.join(at, 'k6');
  mkdirSync(k6);
  const pipes = ['samples-0.fifo', 'samples-1.fifo'].map((name) => path.join(k6, name));
  writeFileSync(path.join(k6, 'samples-2.fifo'), 'somebody put this here');
  for (const pipe of pipes) {
    execFileSync('mkfifo', [pipe]);
    await recover({ run: at, undoing: [...undoing, ...loadRunners] });
    expect(readdirSync(k6)).toEqual(['samples-2.fifo']);
  }
});

test('of two who recover a run at once one does it, and the journal stays whole', async () => {
  const at = run('dead', dead);
  const both = await Promise.all([recover({ run: at, undoing }), recover({ run: at, undoing })]);
  expect(both.flat().map(({ refused }) => refused === null)).toEqual([true, false]);
  expect(undone).toEqual(['one']);
  expect(readJournal(path.join(at, 'journal.jsonl')).damage).toBeNull();
  expect(await recover({ run: at, undoing })).toMatchObject([{ refused: null, undone: [] }]);
});

test('a recovery that died itself is taken over', async () => {
  const at = run('dead', dead);
  writeFileSync(path.join(at, 'recovering.json'), JSON.stringify(dead));
  expect(await recover({ run: at, undoing })).toMatchObject([{ refused: null, residue: [] }]);
  expect(undone).toEqual(['one']);
});

test('a run in another container is left alone while it gives signs of life, and undone when it does not', async () => {
  run('far', dead);
  const stop = keepLock(lock('far', dead, 'pod-a pid:[1]'));
  const [alive] = await recover({ undoing });
  expect(alive?.refused).toMatch(/under way \(pid \d+ on pod-a\); end it with: squall stop far/);
  expect(undone).toEqual([]);
  stop();
  expect(await recover({ undoing, silenceMs: 2_500 })).toMatchObject([{ refused: null, residue: [] }]);
  expect(undone).toEqual(['one']);
  expect(listActive()).toEqual([]);
});

test('a recovery in another container is not disturbed, and taken over when it died', async () => {
  const at = run('dead', dead);
  const hold = path.join(at, 'recovering.json');
  const text = JSON.stringify({ ...dead, place: 'pod-a pid:[1]' });
  writeFileSync(hold, text);
  const stop = keepRenewing(hold, () => true);
  const [busy] = await recover({ run: at, undoing });
  expect(busy?.refused).toMatch(/pid \d+ on pod-a is recovering it right now/);
  expect(undone).toEqual([]);
  stop();
  expect(await recover({ run: at, undoing, silenceMs: 2_500 })).toMatchObject([{ refused: null }]);
  expect(undone).toEqual(['one']);
});

test('beside a guardian that is still at it nothing is done, or both would break the chain of the journal', async () => {
  const at = run('healing', dead);
  lock('healing', self);
  const [result] = await recover({ run: at, undoing, guardianPatienceMs: 100 });
  expect(result?.refused).toMatch(/guardian \(pid \d+\) is still undoing/);
  expect(undone).toEqual([]);
  expect(listActive()).toHaveLength(1);
});

test.skipIf(process.getuid?.() !== 0)(
  'a journal of another user is not carried out in the name of this one',
  async () => {
    const at = run('theirs', dead);
    chownSync(path.join(at, 'journal.jsonl'), 12_345, 12_345);
    const [result] = await recover({ run: at, undoing });
    expect(result?.refused).toMatch(/belongs to the user 12345: run this as that user/);
    expect(undone).toEqual([]);
  },
);

test('the testbed command of a run that this machine does not know is shown, not run', async () => {
  const at = run('foreign', dead);
  const file = path.join(at, 'journal.jsonl');
  const touched = path.join(at, 'touched');
  const down = { up: ['true'], down: ['touch', touched], status: ['true'] };
  const journal = openJournal(file, readJournal(file).end);
  journal.append({ type: 'undo-armed', record: testbedRecord(down, at, at) });
  journal.close();
  const [result] = await recover({ run: at, undoing: [...undoing, testbedUndoing] });
  expect(result).toMatchObject({
    refused: null,
    residue: [{ command: expect.stringContaining(`touch ${touched}`) }],
  });
  expect(existsSync(touched)).toBe(false);
  expect(undone).toEqual(['one']);
});

test('the next drill takes a run without a journal for clean only when it never had one', () => {
  const at = path.join(directory, 'nowhere');
  expect(isClean({ directory: at, guardian: null })).toBe(true);
  expect(isClean({ directory: at, guardian: dead })).toBe(false);
  expect(isClean({ directory: run('left', dead), guardian: dead })).toBe(false);
});

test('whoever takes over the lock of a dead run removes its pipes, but not those of a run that uses its directory by now', async () => {
  const at = run('first', dead);
  await recover({ run: at, undoing });
  const k6 = path.join(at, 'k6');
  mkdirSync(k6);
  const active = { environment: 'lab', environmentFile: '', directory: at, owner: dead, guardian: dead };
  execFileSync('mkfifo', [path.join(k6, 'samples-0.fifo')]);
  expect(hasLeftNothing({ ...active, run: 'other' }, loadRunners)).toBe(true);
  expect(readdirSync(k6)).toEqual(['samples-0.fifo']);
  expect(hasLeftNothing({ ...active, run: 'first' }, loadRunners)).toBe(true);
  expect(readdirSync(k6)).toEqual([]);
});

test('a run that died before it had a guardian armed nothing, and is forgotten', async () => {
  lock('early', null);
  expect(await recover({ undoing })).toMatchObject([{ residue: [], refused: null }]);
  expect(listActive()).toEqual([]);
});
