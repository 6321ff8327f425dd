import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DefinitionError } from '../chaos/definitions/issues/definition-error.ts';
import { ProviderError } from '../chaos/provider.ts';
import { journalOf } from '../orchestrator/journal/run-directory.ts';
import { RefusalError } from '../orchestrator/refusal.ts';
import { inNewDirectory } from './new-directory.ts';

function place(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'squall-new-directory-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return path.join(directory, 'gate');
}

test.each([new RefusalError('no'), new DefinitionError([]), new ProviderError('no', { fix: 'mend it' })])(
  'what was refused leaves no directory that would refuse the next: %s',
  async (error) => {
    const out = place();
    await expect(inNewDirectory(out, 'gate', () => Promise.reject(error))).rejects.toBe(error);
    expect(existsSync(out)).toBe(false);
  },
);

test('what was measured stays, whatever ended it', async () => {
  const out = place();
  const error = new ProviderError('gone', { fix: 'mend it' });
  const use = (directory: string) => {
    mkdirSync(path.join(directory, 'part'));
    writeFileSync(journalOf(path.join(directory, 'part')), '');
    return Promise.reject(error);
  };
  await expect(inNewDirectory(out, 'gate', use)).rejects.toBe(error);
  expect(existsSync(out)).toBe(true);
});
