import { expect, test } from 'vitest';
import type { JournalLine } from '../journal/events.ts';
import { machineDoubt, withDoubt } from './machine-doubt.ts';
import type { ComparisonResult } from './side-by-side/compare-slots.ts';

const FIRST = 1_800_000_000;

interface Second {
  readonly stoodStillMs?: number;
  readonly steal?: number | null;
}

/** What the witness saw in so many seconds. */
function journal(seconds: readonly Second[]): JournalLine[] {
  return seconds.map(({ stoodStillMs = 0, steal = 0 }, i) => {
    const from = (FIRST + i) * 1000 + 100;
    const stall = { from, to: from + stoodStillMs, lostMs: stoodStillMs, cause: 'stopped' as const };
    const event = {
      ...{ type: 'machine' as const, second: FIRST + i, lateMaxMs: 2, busy: 0.5, pressure: 0 },
      ...{ steal, stalls: stoodStillMs === 0 ? [] : [stall], k6Cpus: 0.1, k6WaitMs: 1, vus: 5 },
    };
    return { seq: i, at: from, event, prev: '', hash: '' };
  });
}
const times = (count: number, second: Second) => new Array<Second>(count).fill(second);

test.each<[string, Second[], string | null]>([
  ['nothing watched it', [], null],
  ['it was quiet', times(50, {}), null],
  ['it was taken for a moment in each second', times(50, { stoodStillMs: 60, steal: 0.05 }), null],
  ['three of ten seconds are gone', [...times(3, { stoodStillMs: 400 }), ...times(7, {})], null],
  [
    'it stood still in four of ten',
    [...times(4, { stoodStillMs: 400 }), ...times(6, {})],
    'in 4 of 10 seconds',
  ],
  ['its host took four of ten', [...times(4, { steal: 0.3 }), ...times(6, {})], 'in 4 of 10 seconds'],
  ['both in the same seconds', times(10, { stoodStillMs: 400, steal: 0.3 }), 'in 10 of 10 seconds'],
  ['it is not known what the host took', times(10, { steal: null }), null],
])('%s', (_, seconds, said) => {
  const doubt = machineDoubt([journal(seconds)]);
  if (said === null) expect(doubt).toBeNull();
  else expect(doubt).toContain(said);
});

test('all starts of a comparison count together', () => {
  const [bad, good] = [journal(times(10, { stoodStillMs: 400 })), journal(times(10, {}))];
  expect(machineDoubt([bad, good])).toContain('in 10 of 20 seconds');
  expect(machineDoubt([bad, good, good, good])).toBeNull();
});

test('of such a machine no durations are the same; a difference that shows all the same is one', () => {
  const one = (measure: string, answer: ComparisonResult['answer']): ComparisonResult => ({
    answer,
    measure,
    ...{ name: 'gateway', request: 'GET /', blocks: true, reason: 'x', needs: null },
    ...{ baseline: 1, candidate: 2, ratio: 2, low: 1.9, high: 2.1, pairs: 25, p: 0 },
  });
  const results = [
    one('p50', 'same'),
    one('p95', 'regressed'),
    one('p99', 'improved'),
    one('errors', 'same'),
  ];
  expect(withDoubt(results, 'it stood still').map(({ answer, reason }) => [answer, reason])).toEqual([
    ['cannot tell', 'it stood still'],
    ['regressed', 'x'],
    ['improved', 'x'],
    ['same', 'x'],
  ]);
});
