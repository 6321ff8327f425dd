import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openJournal } from '../journal/journal.ts';
import { journalOf } from '../journal/run-directory.ts';
import type { PartResult } from './gate.types.ts';
import { runGate } from './run-gate.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'squall-run-gate-'));
afterAll(() => rmSync(root, { recursive: true }));

const plan = {
  ...{ suite: 'release', seed: 1, comparisons: [] },
  checks: ['spike', 'mix'].map((name) => ({ name, blocks: true })),
};
const gate = (directory: string, run: (part: { name: string }, own: string) => void) =>
  runGate({
    ...{ plan, directory, stopped: () => false, say: () => {} },
    run: async (part, own): Promise<PartResult> => {
      run(part, own);
      return { verdict: 'PASS', reasons: [], directory: own, residue: [] };
    },
  });

test('a gate says when its last run ended, and says the same when it is judged again: PASS', async () => {
  const directory = path.join(root, 'two-runs');
  const first = await gate(directory, ({ name }, own) => {
    mkdirSync(own, { recursive: true });
    const journal = openJournal(journalOf(own));
    journal.append({ type: 'run-ended' }, name === 'spike' ? 1000 : 2000);
    journal.close();
  });
  expect(first).toMatchObject({ verdict: 'PASS', endedAt: '1970-01-01T00:00:02.000Z' });
  expect(await gate(directory, () => {})).toEqual(first);
});

test('a gate of which no run began does not say when it ended', async () => {
  const refused = await gate(path.join(root, 'none'), () => {
    throw new Error('there is no k6');
  });
  expect(refused.verdict).toBe('INVALID');
  expect(refused).not.toHaveProperty('endedAt');
});
