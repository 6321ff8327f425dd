import { expect, test } from 'vitest';
import { loadEnded } from '../../test/reference-target/load-ended.ts';
import type { JournalEvent } from '../journal/events.ts';
import { noCounts } from './collect-load.ts';
import { cutOf, isConsequence } from './finding.ts';
import { find, fine, loadStarted } from './fixtures/find.ts';

test('a run without trouble has no findings', () => {
  expect(find(fine)).toEqual([]);
});

test.each<[string, JournalEvent[], Parameters<typeof find>[1], string]>([
  ['a changed journal', fine, { damage: 'line 7 was changed' }, 'line 7 was changed'],
  [
    'a clock that was set during the run',
    [loadStarted, loadEnded(), { type: 'run-ended', clockStepMs: -3_000 }],
    {},
    'set back by 3 s',
  ],
  ['a journal without an end', [loadStarted, loadEnded()], {}, 'no end'],
  ['a run that was stopped', [...fine, { type: 'stopped', cause: 'signal', reason: 'Ctrl-C' }], {}, 'Ctrl-C'],
  [
    'a guardian that was lost',
    [...fine, { type: 'stopped', cause: 'guardian-lost', reason: 'it died' }],
    {},
    'guardian-lost',
  ],
  [
    'a target that nobody reaches',
    [...fine, { type: 'stopped', cause: 'unreached', reason: 'not one of the first 25 was answered' }],
    {},
    '(unreached): not one of the first 25 was answered',
  ],
  [
    'a steady state that never was',
    [...fine, { type: 'steady-failed', reason: 'p95 is 300 ms' }],
    {},
    'p95 is 300 ms',
  ],
  ['a load that was never started', [{ type: 'run-ended' }], {}, 'never started'],
  ['a load without an end', [loadStarted, { type: 'run-ended' }], {}, 'how Load 1 (spike) ended'],
  ['a crashed k6', [loadStarted, loadEnded({ exitCode: 109 }), { type: 'run-ended' }], {}, 'k6 panicked'],
  [
    'a killed k6',
    [loadStarted, loadEnded({ exitCode: null, signal: 'SIGKILL' }), { type: 'run-ended' }],
    {},
    'killed by SIGKILL',
  ],
  [
    'an unknown exit code',
    [loadStarted, loadEnded({ exitCode: 77 }), { type: 'run-ended' }],
    {},
    'exited with 77',
  ],
  [
    'a truncated stream',
    [
      loadStarted,
      loadEnded({ streamComplete: false, streamDetail: 'the last line is cut' }),
      { type: 'run-ended' },
    ],
    {},
    'the last line is cut',
  ],
  [
    'a truncated recording',
    fine,
    { read: { complete: false, detail: 'its end is missing' } },
    'its end is missing',
  ],
  ['no samples', fine, { read: { counts: noCounts() } }, 'sent nothing'],
  [
    'a script that throws',
    [loadStarted, loadEnded({ scriptErrors: 100 }), { type: 'run-ended' }],
    {},
    '100 of 100 iterations',
  ],
])('%s is INVALID', (_title, events, change, reason) => {
  expect(find(events, change)).toContainEqual(
    expect.objectContaining({ result: 'INVALID', text: expect.stringContaining(reason) }),
  );
});

test('a k6 that squall stopped is not called crashed: the stop is the reason', () => {
  const stop: JournalEvent = { type: 'stopped', cause: 'signal', reason: 'Ctrl-C' };
  const found = find([loadStarted, stop, loadEnded({ exitCode: 105 }), { type: 'run-ended' }]);
  expect(found).toHaveLength(1);
});

test('what happened first is told first, with its time; what follows from it is marked', () => {
  const killed = loadEnded({
    exitCode: null,
    signal: 'SIGKILL',
    streamComplete: false,
    streamDetail: 'a cut line',
  });
  const stop: JournalEvent = { type: 'stopped', cause: 'signal', reason: 'SIGINT received' };
  const found = find([loadStarted, killed, stop, { type: 'run-ended' }], { read: { counts: noCounts() } });
  expect(found).toMatchObject([
    {
      text: 'Load 1 (spike): k6 was killed by SIGKILL at 00:00:00 UTC; its samples end there (a cut line).',
      cutAt: 1,
      advice: expect.stringContaining('dmesg'),
    },
    {
      text: 'Load 1 (spike) sent nothing: there is no sample of its load.',
      follows: 'the samples of Load 1 (spike)',
    },
    { text: 'The run was stopped at 00:00:00 UTC (signal): SIGINT received (Ctrl-C).', cutAt: 2 },
  ]);
  expect(cutOf(found)?.text).toContain('SIGKILL');
  expect(found.filter((one) => isConsequence(one, found)).map(({ follows }) => follows)).toEqual([
    'the samples of Load 1 (spike)',
  ]);
});

test('a load that sent nothing is a cause where nothing else cut the run short', () => {
  const found = find(fine, { read: { counts: noCounts() } });
  expect(cutOf(found)?.text).toContain('sent nothing');
  expect(found.filter((one) => isConsequence(one, found))).toEqual([]);
});

test('the end of a run without a steady state is told once', () => {
  const found = find([
    loadStarted,
    { type: 'steady-failed', reason: 'p95 is 300 ms of 100 ms' },
    { type: 'stopped', cause: 'steady-state', reason: 'the steady state was not there' },
    loadEnded({ exitCode: 105 }),
    { type: 'run-ended' },
  ]);
  expect(found.map(({ text }) => text)).toEqual([
    'There was no steady state when the first fault was due: p95 is 300 ms of 100 ms.',
  ]);
});

test.each([
  ['fast cannot be told from 63 samples in 4 s: it takes 100', 'a higher rate'],
  ['fast cannot be told yet: its samples are from 3 s of the 5 s of `steady.for`', 'first fault later'],
  ['fast does not hold: p95 is 178 ms of 100 ms (1634 samples)', 'lower the rate'],
])('without a steady state, because %s, the advice is %s', (reason, advice) => {
  const found = find([loadStarted, { type: 'steady-failed', reason }, loadEnded(), { type: 'run-ended' }]);
  expect(found[0]?.advice).toContain(advice);
});

test('a full disk is told with what to do about it', () => {
  const reason = 'the journal cannot be written: ENOSPC: no space left on device, write';
  const found = find([
    loadStarted,
    { type: 'stopped', cause: 'error', reason },
    loadEnded(),
    { type: 'run-ended' },
  ]);
  expect(found).toMatchObject([{ advice: expect.stringContaining('df -h') }]);
});
