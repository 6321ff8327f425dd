import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { readJournal } from '../journal/read-journal.ts';
import { listActive } from './active-run.ts';
import { dead, lock, run, self, undoing, undone } from './fixtures/dead-runs.ts';
import { runGuardian } from './guardian/guardian.ts';
import { acquireHold } from './hold.ts';
import { recover } from './recover.ts';

/** By the name of a function of node:fs: what it fails with. */
const failing = vi.hoisted(() => new Map<string, string>());
vi.mock('node:fs', async (original) => {
  const actual = await original<Record<string, unknown>>();
  const failable = (name: string) => (first: unknown, second: unknown, third: unknown) => {
    const code = failing.get(name);
    // Reading still works.
    if (code !== undefined && second !== 'r') throw Object.assign(new Error(`${code}: ${name}`), { code });
    return (actual[name] as (...all: unknown[]) => unknown)(first, second, third);
  };
  const names = ['openSync', 'writeSync', 'truncateSync', 'writeFileSync', 'linkSync', 'renameSync'];
  return { ...actual, ...Object.fromEntries(names.map((name) => [name, failable(name)])) };
});
afterEach(() => failing.clear());

test.each([
  ['a directory that is read-only', ['openSync', 'truncateSync', 'writeFileSync', 'linkSync'], 'EROFS'],
  ['a disk that is full', ['writeSync', 'writeFileSync'], 'ENOSPC'],
  ['a quota that is used up', ['writeSync', 'writeFileSync'], 'EDQUOT'],
  ['a disk that is broken', ['writeSync', 'writeFileSync', 'linkSync'], 'EIO'],
])('%s does not prevent the undo, and it is said that it is not written down', async (_, names, code) => {
  const at = run('dead', dead);
  lock('dead', dead);
  for (const name of names) failing.set(name, code);
  const [result] = await recover({ undoing });
  expect(undone).toEqual(['one']);
  expect(result).toMatchObject({ refused: null, residue: [], undone: ['undo it: undone'] });
  expect(result?.unwritten).toMatch(new RegExp(`journal\\.jsonl: ${code}`));
  expect(listActive()).toEqual([]);
  failing.clear();
  expect(readJournal(path.join(at, 'journal.jsonl')).damage).toBeNull();
  expect(readdirSync(at)).toEqual(['journal.jsonl']);
});

test('a file system without hard links holds a run for one process all the same', async () => {
  const at = run('dead', dead);
  failing.set('linkSync', 'EPERM');
  const both = await Promise.all([recover({ run: at, undoing }), recover({ run: at, undoing })]);
  expect(both.flat().map(({ refused }) => refused)).toEqual([
    null,
    expect.stringMatching(/is recovering it right now/),
  ]);
  expect(both.flat()[0]?.unwritten).toBeUndefined();
  expect(undone).toEqual(['one']);
  expect(readdirSync(at)).toEqual(['journal.jsonl']);
});

test('who recovers a run right now is left alone on a full disk, too', () => {
  const at = run('dead', dead);
  writeFileSync(path.join(at, 'recovering.json'), JSON.stringify(self));
  failing.set('writeFileSync', 'ENOSPC');
  expect(() => acquireHold(at)).toThrow(/pid \d+ is recovering it right now/);
});

test('a lock that cannot be removed is named, and the others are recovered', async () => {
  run('dead', dead);
  lock('dead', dead);
  failing.set('renameSync', 'EROFS');
  const [result] = await recover({ undoing });
  expect(undone).toEqual(['one']);
  expect(result?.refused).toMatch(/its lock cannot be removed: EROFS: renameSync; make .* writable/);
  failing.clear();
  expect(await recover({ undoing })).toMatchObject([{ refused: null, residue: [] }]);
  expect(listActive()).toEqual([]);
});

test('a guardian undoes what only the journal knows, also when it cannot write to it', async () => {
  run('dead', dead);
  const active = lock('dead', dead);
  const input = new PassThrough();
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => said.mockRestore());
  failing.set('openSync', 'EROFS');
  input.end(`${JSON.stringify({ type: 'hello', active })}\n`);
  expect(await runGuardian({ input, output: new PassThrough(), undoing })).toEqual([]);
  expect(undone).toEqual(['one']);
  expect(said.mock.calls.join('')).toMatch(/squall guardian: journal: Error: EROFS/);
  expect(listActive()).toEqual([]);
});
