import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { identify, isStopped, type ProcessIdentity } from '../../chaos/process-identity.ts';
import { prepareFreeze } from '../../chaos/providers/local/faults/freeze.ts';
import { createLocalProvider } from '../../chaos/providers/local/provider.ts';
import type { DrillFault } from '../../chaos/schema/drill.ts';
import { runStarted } from '../../test/run-started.ts';
import { recover } from '../recovery/recover.ts';
import { type JournalEvent, journalEvent } from './events.ts';
import { openJournal } from './journal.ts';
import { redactEvent, redactor } from './redact.ts';

const secret = 'p&ss"w\\rd<9>';

test.each([
  ['as it is', (text: string) => text],
  ['in JSON', (text: string) => JSON.stringify(text)],
  ['in JSON as Go writes it', () => '{"msg":"p\\u0026ss\\"w\\\\rd\\u003c9\\u003e"}'],
  ['in a URL', (text: string) => `http://host/?token=${encodeURIComponent(text)}`],
  ['in base64 after one letter', (text: string) => Buffer.from(`u${text}`).toString('base64')],
  ['in base64 after two', (text: string) => Buffer.from(`u:${text}!`).toString('base64url')],
  ['in base64 after three', (text: string) => Buffer.from(`us:${text}!!`).toString('base64')],
])('a secret is covered %s', (_where, said) => {
  const line = said(secret);
  const covered = redactor([secret])(line);
  expect(covered).toContain('[redacted]');
  // Of base64 some letters at the ends belong to the neighbours, too.
  expect(covered.length).toBeLessThan(line.length - secret.length + '[redacted]'.length + 8);
});

test('a value from a variable that is also a part of an undo record does not keep recover from undoing', async () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'squall-redact-'));
  vi.stubEnv('XDG_STATE_HOME', directory);
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  onTestFinished(() => {
    vi.unstubAllEnvs();
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  const identity = identify(child.pid ?? 0) as ProcessIdentity;
  const target = { ...identity, pidFile: '/dev/null', label: 'sleeper' };
  const context = { arm: async () => {}, disarm: async () => {} };
  const [record] = prepareFreeze({ fault: 'frozen', targets: [target], alone: true, context }).undo;
  if (record === undefined) throw new Error('a freeze has something to undo');
  const redact = redactor([identity.start.slice(-4), 'continue', 'frozen', 'undo']);
  const journal = openJournal(path.join(directory, 'journal.jsonl'));
  journal.append(redactEvent({ type: 'undo-armed', record }, redact));
  journal.close();
  process.kill(identity.pid, 'SIGSTOP');
  await vi.waitFor(() => expect(isStopped(identity)).toBe(true));
  const undoing = [createLocalProvider()];
  expect(await recover({ run: directory, undoing })).toMatchObject([
    { residue: [], undone: [expect.stringMatching(/continues/)] },
  ]);
  expect(isStopped(identity)).toBe(false);
  expect(await recover({ run: directory, undoing })).toMatchObject([{ residue: [], undone: [] }]);
});

test('what an event is stays, whatever the secrets are', () => {
  const redact = redactor(['note', 'text', 'undo-done']);
  expect(redactEvent({ type: 'note', text: 'a note' }, redact)).toMatchObject({ type: 'note' });
  const outcome = { state: 'undone', detail: 'a note' } as const;
  expect(redactEvent({ type: 'undo-done', id: 'note', by: 'orchestrator', outcome }, redact)).toEqual({
    type: 'undo-done',
    id: 'note',
    by: 'orchestrator',
    outcome: { state: 'undone', detail: 'a [redacted]' },
  });
});

test('keys of squall stay, those that people choose are covered', () => {
  const redact = redactor(['lost', 'Ids', 'hunter2']);
  const event = { type: 'writes-checked', lostIds: ['a'], vars: { hunter2: 'x' }, labels: { a: 'hunter2' } };
  expect(redact(event)).toEqual({
    type: 'writes-checked',
    lostIds: ['a'],
    vars: { '[redacted]': 'x' },
    labels: { a: '[redacted]' },
  });
});

test.each(['firing', 'signal', 'kill', 'steady', 'http', 'r', 'd'])(
  'with a secret "%s" every line still fits its shape when it is read',
  (word) => {
    const redact = redactor([word]);
    const fault = { name: 'f', kind: 'kill', component: 'c', at: 0, params: {}, expect: {} } as const;
    const probe = { name: 'p', kind: 'alert', match: { a: 'firing' }, within: 1, after: 'f' } as const;
    const started = runStarted();
    const drill = { ...started.drill, faults: [fault as unknown as DrillFault], probes: [probe] };
    const alert = { receivedAt: 0, labels: { kill: 'firing' }, annotations: {}, startsAt: null };
    const use = { inUse: true, seen: ['steady'] };
    const events: JournalEvent[] = [
      { ...started, drill },
      { type: 'alert', alert: { ...alert, status: 'firing' } },
      { type: 'stopped', cause: 'signal', reason: 'signal' },
      { type: 'fault-use', fault: 'f', when: 'steady', from: 0, to: 0, use },
    ];
    for (const event of events) {
      const covered = redactEvent(event, redact);
      expect(journalEvent.safeParse(covered)).toMatchObject({ success: true });
    }
    expect(JSON.stringify(redactEvent(events[1] as JournalEvent, redactor(['kill', 'firing'])))).toContain(
      '"labels":{"[redacted]":"[redacted]"}',
    );
  },
);
