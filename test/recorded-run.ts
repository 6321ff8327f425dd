import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GENESIS, hashOf } from '../orchestrator/journal/journal.ts';
import { journalOf } from '../orchestrator/journal/run-directory.ts';

const FIXTURES = path.join(import.meta.dirname, 'bad-runs', 'fixtures');

/**
 * Copies a recorded run of test/bad-runs, whose lines are kept without their chain, to where a test needs one that is whole.
 * @param change what is put in place of what in the journal's text, e.g. another name of the drill
 */
export function recordedRun(
  fixture: string,
  directory: string,
  change: readonly (readonly [from: string, to: string])[] = [],
): string {
  cpSync(path.join(FIXTURES, fixture), directory, { recursive: true });
  const text = change.reduce(
    (all, [from, to]) => all.replaceAll(from, to),
    readFileSync(journalOf(directory), 'utf8'),
  );
  let prev: string = GENESIS;
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line, seq) => {
      const raw = { ...JSON.parse(line), seq, prev };
      const hash = hashOf(raw);
      prev = hash;
      return JSON.stringify({ ...raw, hash });
    });
  writeFileSync(journalOf(directory), `${lines.join('\n')}\n`);
  return directory;
}
