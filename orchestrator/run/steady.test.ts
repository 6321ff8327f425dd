import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LiveTick } from '../samples/types.ts';
import { unsteadyBecause, watchSteady } from './steady.ts';

const NOW = 1_795_357_000_000;
const objective = {
  name: 'fast',
  holds: true,
  measured: 178.2,
  samples: 1634,
  needs: 100,
  overMs: 5_000,
  reason: 'p95 is 178 ms of 100 ms',
};

beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

interface Load {
  readonly silentMs?: (afterMs: number) => number | null;
  readonly holds?: boolean | null;
  readonly samples?: number;
  readonly overMs?: number;
  /** Its last reading was this long ago; else readings go on. */
  readonly lastMs?: number;
  readonly ended?: 'as planned' | 'early';
}

async function verdict(...loads: readonly Load[]): Promise<string | null> {
  const watch = watchSteady(5_000);
  const began = Date.now();
  const read = () => {
    for (const [load, { silentMs = () => null, lastMs, ended, ...reading }] of loads.entries()) {
      if (lastMs !== undefined && Date.now() > began) continue;
      watch.tick(load, {
        at: Date.now() - (lastMs ?? 0),
        objectives: [{ ...objective, ...reading }],
        silentMs: silentMs(Date.now() - began),
      } as unknown as LiveTick);
    }
  };
  for (const [load, { ended }] of loads.entries()) if (ended) watch.ended(load, ended === 'as planned');
  read();
  const timer = setInterval(read, 500);
  const answer = watch.verdict(new AbortController().signal);
  await vi.advanceTimersByTimeAsync(5_000);
  clearInterval(timer);
  return answer;
}

test('holds by readings that are fresh', async () => {
  expect(await verdict({}, {})).toBeNull();
});

test('a target that answers nothing does not hold by what it did before, in any load', async () => {
  const silent = { silentMs: () => 10_000 };
  expect(await verdict(silent)).toBe('no request has been answered for 10 s while k6 has requests open');
  expect(await verdict({}, silent)).toMatch(/no request has been answered/);
});

test('what is answered while the gate still waits is no silence', async () => {
  expect(await verdict({ silentMs: (afterMs) => (afterMs < 1_000 ? 10_000 : null) })).toBeNull();
});

test('a broken objective says more than a silence', async () => {
  expect(await verdict({ holds: false, silentMs: () => 10_000 })).toBe(
    'fast does not hold: p95 is 178 ms of 100 ms (1634 samples)',
  );
});

test('a load that has ended is not called old', async () => {
  expect(await verdict({}, { lastMs: 3_000 })).toMatch(/the newest reading is [\d.]+ s old/);
  expect(await verdict({}, { lastMs: 3_000, ended: 'early' })).toBe('load 2 had already ended');
});

test('a load that is shorter than the steady phase has said by its end what it has to say, while another goes on', async () => {
  const over = { lastMs: 8_000, ended: 'as planned' as const };
  expect(await verdict({}, over)).toBeNull();
  // It may be the only one that can tell.
  expect(await verdict({ holds: null }, over)).toBeNull();
  expect(await verdict({ holds: null }, { ...over, holds: null })).toContain('cannot be told');
  expect(await verdict({}, { ...over, holds: false })).toContain('fast does not hold');
  expect(await verdict({}, { ...over, silentMs: () => 10_000 })).toBeNull();
  expect(await verdict({ silentMs: () => 10_000 }, over)).toContain('no request has been answered');
  expect(await verdict(over)).toBe('load 1 had already ended');
  expect(await verdict(over, over)).toBe('load 1 had already ended');
});

test('too few samples are told with how many it takes, and how to get them', async () => {
  const few = { holds: null, samples: 63, overMs: 4_000 };
  expect(await verdict(few)).toBe(
    'fast cannot be told from 63 samples in 4 s: it takes 100, so 7 s at this rate, or 1.6 times the rate',
  );
  expect(await verdict({ ...few, samples: 9 }, few)).toContain('from 63 samples');
  expect(await verdict({ ...few, samples: 0 })).toBe(
    'fast cannot be told from 0 samples in 4 s: it takes 100',
  );
});

test('enough samples of too short a time are not called too few', async () => {
  expect(await verdict({ holds: null, overMs: 3_000 })).toBe(
    'fast cannot be told yet: its samples are from 3 s of the 5 s of `steady.for`',
  );
  expect(await verdict({ holds: null })).toBe('fast cannot be told: p95 is 178 ms of 100 ms');
});

test('a lack of samples is named before a machine that was late, a broken objective after it', () => {
  const late = 'the machine that generates the load stood still for 250 ms';
  expect(unsteadyBecause('fast cannot be told from 63 samples', late)).toBe(
    `fast cannot be told from 63 samples; besides, ${late}`,
  );
  expect(unsteadyBecause('fast does not hold: p95 is 178 ms', late)).toBe(
    `${late}, and fast does not hold: p95 is 178 ms`,
  );
  for (const lack of ['no samples have arrived', 'load 2 had already ended'])
    expect(unsteadyBecause(lack, late)).toBe(`${lack}; besides, ${late}`);
  expect(unsteadyBecause('fast cannot be told from 63 samples', null)).toBe(
    'fast cannot be told from 63 samples',
  );
});
