import { afterEach, describe, expect, test } from 'vitest';
import { journalOf, type Recorded } from '../../test/reference-target/recorded-run.ts';
import {
  type SimulatedRequest,
  simulatedCsv,
  simulatedRun,
} from '../../test/reference-target/simulated-run.ts';
import type { Objective } from '../../thresholds/objective.ts';
import type { JournalEvent } from '../journal/events.ts';
import type { Stall } from '../machine/reading.ts';
import { judgeRun } from './judge.ts';

const ZERO = Date.UTC(2026, 4, 4, 12, 0, 0);
const P95: Objective = { name: 'p95', percentile: 95, below: '200ms', minSamples: 100 };
const ERRORS: Objective = { name: 'errors', errors: true, below: '1%', minSamples: 100 };
const RATE: Objective = { name: 'rate', throughput: true, atLeast: '95/s', minSamples: 100 };

let recorded: Recorded | null = null;
afterEach(() => recorded?.remove());

/** 100 requests a second for 10 s; `change` says what becomes of the one that is due at `at` ms: null, it is not sent. */
async function judged(
  objective: Objective,
  options: {
    readonly change?: (at: number) => Partial<SimulatedRequest> | null;
    readonly dropped?: readonly number[];
    readonly stalls?: readonly Stall[];
    readonly busy?: number;
    readonly hostsTarget?: boolean;
  },
) {
  const requests = Array.from({ length: 1000 }, (_, i) => i * 10).flatMap((at): SimulatedRequest[] => {
    const changed = options.change?.(at) ?? {};
    if (options.change?.(at) === null) return [];
    return [{ start: ZERO + at, durationMs: 5, failed: false, ...changed }];
  });
  const dropped = (options.dropped ?? []).map((at) => ZERO + at);
  recorded = simulatedRun([simulatedCsv(requests, dropped)], ZERO, ZERO + 10_000);
  const event: JournalEvent = {
    type: 'machine',
    second: ZERO / 1000,
    lateMaxMs: 1,
    stalls: options.stalls ?? [],
    busy: options.busy ?? 1,
    steal: null,
    pressure: null,
    k6Cpus: null,
    k6WaitMs: null,
    vus: null,
  };
  const { hostsTarget = false } = options;
  const run = journalOf(recorded, { objectives: [objective], machine: { hostsTarget } }, [
    { at: ZERO + 9_000, event },
  ]);
  const { verdict } = await judgeRun(run);
  const [only] = verdict.objectives;
  return {
    result: only?.result,
    reason: only?.reason ?? '',
    verdict: verdict.verdict,
    advice: verdict.causes?.map((cause) => cause.advice).join(),
  };
}

const stall = (from: number, to: number): Stall => ({
  from: ZERO + from,
  to: ZERO + to,
  lostMs: to - from,
  cause: 'stopped',
});

/** What is due between the two waits until `to`: 10 % of all requests for a second. */
const waitsUntil = (from: number, to: number) => (at: number) =>
  at >= from && at < to ? { durationMs: to - at + 5 } : {};

describe('a latency that is broken', () => {
  test('by a target that stalls on a machine that does not is a failure', async () => {
    const { result, reason } = await judged(P95, { change: waitsUntil(3000, 4000) });
    expect(result).toBe('FAIL');
    expect(reason).toMatch(/^p95 is \d+(\.\d+)? ms of 200 ms$/);
  });

  test('by the machine alone proves nothing, and the reason says what it did and when', async () => {
    const { result, reason, verdict } = await judged(P95, {
      change: waitsUntil(3000, 4000),
      stalls: [stall(3000, 4000)],
    });
    expect(reason).toMatch(
      /^the machine that generated the load stood still for 1 s at 12:00:03 UTC \(k6 was stopped\)\. With that, p95 is \d+(\.\d+)? ms of 200 ms; without the \d+ slow samples that it can have caused, the objective holds$/,
    );
    expect([result, verdict]).toEqual(['INVALID', 'INVALID']);
  });

  test('by what queued behind a stall proves nothing', async () => {
    // Everything that was due comes at once, and is served one after the other.
    const { result } = await judged(P95, {
      change: (at) => (at >= 3000 && at < 4000 ? { start: ZERO + 4000, durationMs: (at - 3000) / 2 } : {}),
      stalls: [stall(3000, 4000)],
    });
    expect(result).toBe('INVALID');
  });

  test('longer than the machine stood still is a failure', async () => {
    const { result } = await judged(P95, {
      change: waitsUntil(3000, 4000),
      stalls: [stall(3000, 3100)],
    });
    expect(result).toBe('FAIL');
  });

  test('at another time than that of the stall is a failure', async () => {
    const { result } = await judged(P95, { change: waitsUntil(3000, 4000), stalls: [stall(6000, 7000)] });
    expect(result).toBe('FAIL');
  });

  test('by the machine and by the target is a failure', async () => {
    const { result } = await judged(P95, {
      change: (at) => ({ ...waitsUntil(3000, 4000)(at), ...waitsUntil(6000, 7000)(at) }),
      stalls: [stall(3000, 4000)],
    });
    expect(result).toBe('FAIL');
  });

  test.each([
    ['as much as is too much: it proves nothing', 50, 249.9, 'INVALID'],
    ['just less than what is too much: it is a failure', 50, 250.1, 'FAIL'],
  ])('by %s', async (_, lostMs, durationMs, expected) => {
    const { result } = await judged(P95, {
      change: (at) => (at >= 2000 && at < 3000 ? { start: ZERO + 2000, durationMs } : {}),
      stalls: [stall(2010, 2010 + lostMs)],
    });
    expect(result).toBe(expected);
  });

  test('by many short stalls in the life of each request proves nothing', async () => {
    const { result, reason } = await judged(P95, {
      change: (at) => (at >= 2000 && at < 3000 ? { start: ZERO + 2000, durationMs: 290 } : {}),
      stalls: Array.from({ length: 10 }, (_, i) => ({ ...stall(2000 + i * 30, 2030 + i * 30), lostMs: 10 })),
    });
    expect(result).toBe('INVALID');
    expect(reason).toContain('was too busy: for 100 ms of 9.99 s k6 wanted to run and could not');
  });

  test('on a machine that hardly ever ran proves nothing, because too little is left', async () => {
    const { result, reason } = await judged(P95, {
      change: (at) => (at < 9500 ? { durationMs: 9600 - at } : {}),
      stalls: [stall(0, 9500)],
    });
    expect(result).toBe('INVALID');
    expect(reason).toMatch(/stood still for 9.5 s .* too little is left to say$/);
  });
});

test('what holds with everything passes, however the machine fared', async () => {
  expect(await judged(P95, { stalls: [stall(3000, 4000)] })).toMatchObject({ result: 'PASS' });
});

describe('errors', () => {
  const failing = (at: number) => (at >= 3000 && at < 3500 ? { failed: true } : {});

  test('are failures, whatever the machine did', async () => {
    expect((await judged(ERRORS, { change: failing, stalls: [stall(2000, 8000)] })).result).toBe('FAIL');
    expect(
      (await judged(P95, { change: (at) => (at < 1000 ? { failed: true } : {}), stalls: [stall(0, 8000)] }))
        .result,
    ).toBe('FAIL');
  });

  const drops = Array.from({ length: 50 }, (_, i) => 4000 + i * 10);

  test('that are iterations dropped after a stall prove nothing', async () => {
    const { result, reason } = await judged(ERRORS, { dropped: drops, stalls: [stall(3000, 4000)] });
    expect(result).toBe('INVALID');
    expect(reason).toContain(
      'without the 50 dropped iterations that it can have caused, the objective holds',
    );
  });

  test('that are iterations dropped without a stall, or long after it, are failures', async () => {
    expect((await judged(ERRORS, { dropped: drops })).result).toBe('FAIL');
    expect((await judged(ERRORS, { dropped: drops, stalls: [stall(2000, 2900)] })).result).toBe('FAIL');
    // The first of them are excused.
    expect((await judged(ERRORS, { dropped: drops, stalls: [stall(3700, 3900)] })).result).toBe('FAIL');
  });
});

describe('throughput', () => {
  const missing = (at: number) => (at >= 3000 && at < 4000 ? null : {});

  test('that is missed while the generator stood still proves nothing', async () => {
    const { result, reason } = await judged(RATE, { change: missing, stalls: [stall(3000, 4000)] });
    expect(result).toBe('INVALID');
    expect(reason).toContain('; without that time, the objective holds');
  });

  test('that is missed while it ran, or mostly, is a failure', async () => {
    expect((await judged(RATE, { change: missing })).result).toBe('FAIL');
    expect((await judged(RATE, { change: missing, stalls: [stall(3000, 3200)] })).result).toBe('FAIL');
  });
});

describe('a promise that is broken on a full machine', () => {
  const slow = { change: () => ({ durationMs: 300 }), hostsTarget: true };

  test('stays broken, and the advice says that the target may have had too few processors', async () => {
    const { result, verdict, advice } = await judged(P95, slow);
    expect([result, verdict]).toEqual(['FAIL', 'FAIL']);
    expect(advice).toContain(
      'The target shares this machine with the load, and its processors were 100 % busy in steady: lower the rate',
    );
  });

  test.each([
    ['is not full', { busy: 0.8 }],
    ['is not the one of the target', { hostsTarget: false }],
  ])('is looked for in the target, if the machine %s', async (_, change) => {
    const { result, advice } = await judged(P95, { ...slow, ...change });
    expect(result).toBe('FAIL');
    expect(advice).toContain("Look at steady on the report's timeline");
    expect(advice).not.toContain('shares this machine');
  });
});
