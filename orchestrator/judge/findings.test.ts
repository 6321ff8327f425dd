import { expect, test } from 'vitest';
import { loadEnded } from '../../test/reference-target/load-ended.ts';
import type { JournalEvent, JournalLine, RunStarted } from '../journal/events.ts';
import { findingsOf, type LoadRead } from './findings.ts';

const started = (script?: string): RunStarted =>
  ({
    type: 'run-started',
    drill: { load: [script ? { script, vars: {} } : { scenario: 'spike', vars: {} }], faults: [] },
  }) as never;

const loadStarted: JournalEvent = { type: 'load-started', load: 0, script: 's', pid: 1, k6: 'k6' };
const read: LoadRead = {
  load: 0,
  complete: true,
  detail: '',
  counts: { requests: 100, dropped: 0, iterations: 100, acknowledged: 0 },
};

function find(
  events: JournalEvent[],
  change: { damage?: string; read?: Partial<LoadRead>; script?: string } = {},
) {
  const lines = events.map((event, seq): JournalLine => ({ seq, at: seq, event, prev: '', hash: '' }));
  return findingsOf({
    started: started(change.script),
    lines,
    damage: change.damage ?? null,
    loads: [{ ...read, ...change.read }],
    faults: [],
  });
}

const fine: JournalEvent[] = [loadStarted, loadEnded(), { type: 'run-ended', clockStepMs: 20 }];

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
  [
    'no samples',
    fine,
    { read: { counts: { requests: 0, dropped: 0, iterations: 0, acknowledged: 0 } } },
    'sent nothing',
  ],
  [
    'a script that throws',
    [loadStarted, loadEnded({ scriptErrors: 100 }), { type: 'run-ended' }],
    {},
    '100 of 100 iterations',
  ],
])('%s is INVALID', (_title, events, change, reason) => {
  expect(find(events, change)).toContainEqual({ result: 'INVALID', text: expect.stringContaining(reason) });
});

test("a script's own thresholds count, a scenario's do not: its objectives are judged by phase", () => {
  const crossed = [loadStarted, loadEnded({ exitCode: 99 }), { type: 'run-ended' } as const];
  expect(find(crossed, { script: 'own.js' })).toMatchObject([{ result: 'FAIL' }]);
  expect(find(crossed)).toEqual([]);
});

test('a k6 that squall stopped is not called crashed: the stop is the reason', () => {
  const stop: JournalEvent = { type: 'stopped', cause: 'signal', reason: 'Ctrl-C' };
  const found = find([loadStarted, stop, loadEnded({ exitCode: 105 }), { type: 'run-ended' }]);
  expect(found).toHaveLength(1);
});
