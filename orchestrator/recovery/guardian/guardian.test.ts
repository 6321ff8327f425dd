import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import { identify, isAlive, type ProcessIdentity } from '../../../chaos/process-identity.ts';
import { openJournal } from '../../journal/journal.ts';
import { readJournal } from '../../journal/read-journal.ts';
import { type ActiveRun, claim, silentOwner } from '../active-run.ts';
import { countedUndo, record } from '../fixtures/counted-undo.ts';
import { runGuardian } from './guardian.ts';
import type { ToGuardian } from './messages.ts';

/** A guardian that was told of an orchestrator, which is a process that sleeps; its end closes the pipe. */
function guard(more: Pick<ActiveRun, 'place'> = {}) {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-guardian-'));
  vi.stubEnv('XDG_STATE_HOME', directory);
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const owner = identify(child.pid ?? 0) as ProcessIdentity;
  onTestFinished(() => {
    vi.unstubAllEnvs();
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  const journal = path.join(directory, 'journal.jsonl');
  const opened = openJournal(journal);
  opened.append({ type: 'note', text: 'begun' });
  opened.close();
  const input = new PassThrough();
  child.once('exit', () => input.end());
  const { undone, counting } = countedUndo();
  const over = runGuardian({ input, output: new PassThrough(), undoing: [counting] });
  const tell = (message: ToGuardian) => input.write(`${JSON.stringify(message)}\n`);
  const environmentFile = path.join(directory, 'lab.yaml');
  const active = { run: 'r', environment: 'lab', environmentFile, directory, owner, guardian: null, ...more };
  tell({ type: 'hello', active });
  return { child, owner, tell, over, undone, journal, active };
}

test('an orchestrator that is stopped while something has to be undone is ended, and its faults are undone', async () => {
  const { child, owner, tell, over, undone, journal } = guard();
  tell({ type: 'arm', record });
  child.kill('SIGSTOP');
  const began = Date.now();
  expect(await over).toEqual([]);
  expect(Date.now() - began).toBeLessThan(8_000);
  expect(isAlive(owner)).toBe(false);
  expect(undone).toEqual(['one']);
  expect(readJournal(journal).lines[1]?.event).toMatchObject({
    text: expect.stringMatching(/was stopped for too long/),
  });
}, 20_000);

test('one that goes on after a moment, or has nothing to undo, is left alone', async () => {
  const [brief, idle] = [guard(), guard()];
  brief.tell({ type: 'arm', record });
  for (const { child } of [brief, idle]) child.kill('SIGSTOP');
  await passed(1_000);
  brief.child.kill('SIGCONT');
  await passed(3_500);
  for (const { owner, tell, over, undone } of [brief, idle]) {
    expect(isAlive(owner)).toBe(true);
    tell({ type: 'bye' });
    expect(await over).toEqual([]);
    expect(undone).toEqual([]);
  }
}, 20_000);

test('who cannot see its run sees by the lock that it is not over', async () => {
  const { active, tell, over } = guard({ place: 'pod-a pid:[1]' });
  claim(active, () => true);
  expect(await silentOwner(active, 5_000)).toBeNull();
  tell({ type: 'bye' });
  expect(await over).toEqual([]);
}, 20_000);

/** That nothing happens shows only when its time is over. */
function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
