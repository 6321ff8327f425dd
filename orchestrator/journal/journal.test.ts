import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { holds } from '../../test/trials.ts';
import { openJournal } from './journal.ts';
import { describeDamage, readJournal, repairTail } from './read-journal.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'squall-journal-'));
  file = path.join(directory, 'journal.jsonl');
});
afterEach(() => rmSync(directory, { recursive: true }));

function writeNotes(count: number): void {
  const journal = openJournal(file);
  for (let i = 0; i < count; i += 1) journal.append({ type: 'note', text: `note ${i}` }, 1_000 + i);
  journal.close();
}

test('a line that is brought to disk aside has its place from the start', async () => {
  const journal = openJournal(file);
  journal.append({ type: 'note', text: 'before' });
  const aside = journal.appendAside({ type: 'note', text: 'aside' });
  journal.append({ type: 'note', text: 'after' });
  expect(await aside).toMatchObject([{ seq: 1 }]);
  journal.close();
  const { lines, damage } = readJournal(file);
  expect(damage).toBeNull();
  expect(lines.map(({ event }) => (event as { text: string }).text)).toEqual(['before', 'aside', 'after']);
});

test('what was appended is read back in order, with the chain intact', () => {
  writeNotes(3);
  const { lines, damage, tornBytes } = readJournal(file);
  expect(lines.map(({ event }) => event)).toEqual(
    [0, 1, 2].map((i) => ({ type: 'note', text: `note ${i}` })),
  );
  expect({ damage, tornBytes }).toEqual({ damage: null, tornBytes: 0 });
});

test('a journal that exists is never overwritten', () => {
  writeNotes(1);
  expect(() => openJournal(file)).toThrow(/EEXIST/);
});

test('a journal that is closed never writes into the file that has its descriptor by now', () => {
  const journal = openJournal(file);
  journal.append({ type: 'run-ended' });
  journal.close();
  const report = path.join(directory, 'report.html');
  const descriptor = openSync(report, 'w');
  try {
    expect(() => journal.append({ type: 'note', text: 'a late signal' })).toThrow('closed');
    journal.close();
    writeSync(descriptor, 'whole');
  } finally {
    closeSync(descriptor);
  }
  expect(readFileSync(report, 'utf8')).toBe('whole');
});

test('another process goes on with the chain where the first one left it', () => {
  writeNotes(2);
  const journal = openJournal(file, readJournal(file).end);
  journal.append({ type: 'run-ended' });
  journal.close();
  const { lines, damage } = readJournal(file);
  expect(damage).toBeNull();
  expect(lines.map(({ seq }) => seq)).toEqual([0, 1, 2]);
});

test('a torn last line is left out, and can be cut off so that the chain goes on', () => {
  writeNotes(3);
  truncateSync(file, readFileSync(file).length - 10);
  const torn = readJournal(file);
  expect(torn.lines).toHaveLength(2);
  expect(torn.damage).toBeNull();
  expect(torn.tornBytes).toBeGreaterThan(0);
  repairTail(file, torn);
  const journal = openJournal(file, torn.end);
  journal.append({ type: 'run-ended' });
  journal.close();
  expect(readJournal(file)).toMatchObject({ damage: null, tornBytes: 0 });
});

test('a changed line is damage, and is named', () => {
  writeNotes(3);
  writeFileSync(file, readFileSync(file, 'utf8').replace('note 1', 'note X'));
  expect(readJournal(file).damage).toBe('line 2 was changed (its hash does not match)');
});

test('a line that was taken out is damage', () => {
  writeNotes(3);
  const [first, , third] = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, `${first}\n${third}\n`);
  expect(readJournal(file).damage).toBe('line 2 does not follow the line before it');
});

test('whole lines of something else are damage', () => {
  writeNotes(1);
  appendFileSync(file, '{"seq":1}\n');
  expect(readJournal(file).damage).toBe('line 2 is not a journal line');
});

test('every damaged place is named, each once, and the lines between them are not', () => {
  writeNotes(9);
  const lines = readFileSync(file, 'utf8').split('\n');
  lines[1] = lines[1]?.replace('note 1', 'note X') ?? '';
  lines[3] = 'garbled';
  lines.splice(6, 1);
  writeFileSync(file, lines.join('\n'));
  expect(readJournal(file).damages.map(describeDamage)).toEqual([
    'line 2 was changed (its hash does not match)',
    'line 4 is not a journal line',
    'line 7 does not follow the line before it',
  ]);
  const journal = openJournal(file, readJournal(file).end);
  journal.append({ type: 'note', text: 'after' });
  journal.close();
  expect(readJournal(file).damages).toHaveLength(3);
});

test('a journal that is cut or garbled anywhere is read without an error, and never passes for the whole one', async () => {
  writeNotes(5);
  const whole = readFileSync(file);
  const anywhere = fc.nat(whole.length - 1);
  await holds(
    'journals cut or garbled',
    fc.property(anywhere, fc.boolean(), fc.integer({ min: 1, max: 255 }), (at, cut, change) => {
      const bytes = Buffer.from(cut ? whole.subarray(0, at) : whole);
      if (!cut) bytes[at] = (bytes[at] ?? 0) ^ change;
      writeFileSync(file, bytes);
      const { lines, damage, tornBytes } = readJournal(file);
      // Cut exactly between two lines there is nothing to see in the journal itself: its missing end makes the run INVALID.
      return damage !== null || tornBytes > 0 || lines.length < 5;
    }),
    { full: 500, sample: 50 },
  );
});
