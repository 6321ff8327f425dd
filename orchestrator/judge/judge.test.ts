import { afterEach, describe, expect, test } from 'vitest';
import { differences, journaled, type TrueFault } from '../../test/reference-target/ground-truth.ts';
import { loadEnded } from '../../test/reference-target/load-ended.ts';
import { exactPercentile } from '../../test/reference-target/raw-requests.ts';
import { journalOf } from '../../test/reference-target/recorded-run.ts';
import {
  type SimulatedRequest,
  simulatedCsv,
  simulatedRun,
} from '../../test/reference-target/simulated-run.ts';
import type { Objective } from '../../thresholds/objective.ts';
import { judgeRun } from './judge.ts';
import type { Judgement } from './types.ts';

const ZERO = 1_790_000_000_000;
const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});

type How = 'error' | 'stall' | 'hang';

/** A target that is down from `from` to `to`; with `vus` that all hang, further iterations are dropped. */
function simulate(
  rate: number,
  untilMs: number,
  down: readonly { from: number; to: number; how: How }[],
  vus = 1e9,
) {
  const requests: SimulatedRequest[] = [];
  const dropped: number[] = [];
  const timeout = 300;
  let hanging: number[] = [];
  for (let i = 0; (i * 1000) / rate < untilMs; i++) {
    const start = ZERO + (i * 1000) / rate + 0.137;
    const hit = down.find((d) => start >= ZERO + d.from && start < ZERO + d.to);
    const base = 1 + (i % 7) * 0.3;
    if (hit === undefined) requests.push({ start, durationMs: base, failed: false });
    else if (hit.how === 'error') requests.push({ start, durationMs: 0.5, failed: true });
    else {
      const back = ZERO + hit.to + base - start;
      const durationMs = hit.how === 'hang' ? Math.min(timeout, back) : back;
      hanging = hanging.filter((end) => end > start);
      if (hanging.length >= vus) dropped.push(start);
      else {
        hanging.push(start + durationMs);
        requests.push({ start, durationMs, failed: durationMs === timeout });
      }
    }
  }
  return { requests, dropped };
}

async function judge(
  texts: readonly string[],
  truth: readonly TrueFault[],
  objectives: readonly Objective[] = [{ name: 'p95', percentile: 95, below: '10s' }],
): Promise<Judgement> {
  const recorded = simulatedRun(texts, ZERO, ZERO + 1e6);
  removals.push(recorded.remove);
  const { faults, events } = journaled(truth);
  const load = texts.map(() => ({ scenario: 'load', vars: {} }));
  const run = journalOf(recorded, { objectives, drill: { faults, load } }, events);
  const more = texts
    .slice(1)
    .flatMap((_, i) => [
      { type: 'load-started' as const, load: i + 1, script: '', pid: 1, k6: '' },
      loadEnded({ load: i + 1 }),
    ]);
  const extra = more.map((event) => ({ seq: 0, at: ZERO, event, prev: '', hash: '' }));
  return judgeRun({ ...run, lines: [...run.lines.slice(0, 3), ...extra, ...run.lines.slice(3)] });
}

const fault = (from: number, to: number, name = 'f'): TrueFault => ({
  name,
  from: ZERO + from,
  to: ZERO + to,
  downtimeMs: to - from,
  outages: 1,
});

const matrix = [50, 200, 1000].flatMap((rate) =>
  [50, 333, 2000, 20_000].flatMap((length) =>
    (['error', 'stall', 'hang'] as const).map((how) => ({ rate, length, how })),
  ),
);

// A stall that is shorter than five gaps cannot be told from the rhythm of the load.
test.each(matrix.filter(({ rate, length, how }) => how === 'error' || length > 5 * (1000 / rate)))(
  'simulated: $how for $length ms at $rate/s is measured to one gap or 5 ms',
  async ({ rate, length, how }) => {
    const { requests, dropped } = simulate(
      rate,
      3000 + length + 2500,
      [{ from: 3003.3, to: 3003.3 + length, how }],
      rate,
    );
    const truth = [fault(3003.3, 3003.3 + length)];
    const { verdict } = await judge([simulatedCsv(requests, dropped)], truth);
    const bound = Math.max(5, 1000 / rate);
    expect(differences(verdict.faults, truth, () => bound)).toEqual([]);
    // A clock that is 100 ms off does not get through.
    const off = truth.map((t) => ({ ...t, from: t.from + 100, to: t.to + 100 }));
    expect(differences(verdict.faults, off, () => bound)).not.toEqual([]);
  },
  30_000,
);

test('a time that the evidence knows less sharply is stated less sharply', async () => {
  const { requests, dropped } = simulate(1000, 4000, [{ from: 1000, to: 2000, how: 'error' }]);
  const recorded = simulatedRun([simulatedCsv(requests, dropped)], ZERO, ZERO + 1e6);
  removals.push(recorded.remove);
  const { faults, events } = journaled([fault(1000, 2000)]);
  const blurred = events.map(({ at, event }) =>
    event.type === 'fault-ended'
      ? { at, event: { ...event, evidence: { ...event.evidence, withinMs: 12 } } }
      : { at, event },
  );
  const tolerances = async (written: typeof events) => {
    const run = journalOf(
      recorded,
      { objectives: [], drill: { faults, load: [{ scenario: 'load', vars: {} }] } },
      written,
    );
    const [judged] = (await judgeRun(run)).verdict.faults;
    return [judged?.injectedToleranceMs, judged?.removedToleranceMs, judged?.toleranceMs];
  };
  expect(await tolerances(events)).toEqual([5, 5, 5]);
  expect(await tolerances(blurred)).toEqual([5, 12, 5]);
});

test('coordinated omission: a stall that makes k6 drop iterations shows, though no request failed', async () => {
  const { requests, dropped } = simulate(200, 8000, [{ from: 3000, to: 5000, how: 'stall' }], 50);
  expect(dropped.length).toBeGreaterThan(300);
  expect(requests.some((r) => r.failed)).toBe(false);
  const { verdict } = await judge(
    [simulatedCsv(requests, dropped)],
    [fault(3000, 5000)],
    [
      { name: 'errors', errors: true, below: '1%', phase: 'fault:f', minSamples: 10 },
      { name: 'p95', percentile: 95, below: '100ms', phase: 'fault:f', minSamples: 10 },
    ],
  );
  expect(verdict.objectives.map((o) => o.result)).toEqual(['FAIL', 'FAIL']);
  expect(Math.abs((verdict.faults[0]?.downtimeMs ?? 0) - 2000)).toBeLessThanOrEqual(5);
  expect(verdict.faults[0]?.failedRequests).toBe(dropped.length);
});

test('a hang to the end of the load, of which k6 writes no sample, is an outage without end', async () => {
  const { requests } = simulate(200, 6000, []);
  const cutOff = (at: number) => `data_sent,${ZERO + at}000000,0.000000,,,,,,,,,load,,,,,,,\n`;
  const text = simulatedCsv(requests);
  // One answer after the injection is enough for the load to look as if it had only ended.
  const hung = text + cutOff(14_000).repeat(40);
  const truth = [fault(5000, 5100)];
  const faults = async (csv: string) => (await judge([csv], truth)).verdict.faults[0];
  const [down, ended] = [await faults(hung), await faults(text)];
  expect(ended).toMatchObject({ result: 'PASS', downtimeMs: 0, reason: 'no request failed' });
  expect(down).toMatchObject({
    result: 'INVALID',
    recoveredAt: null,
    reason: expect.stringContaining('still waiting for an answer'),
    outages: [{ request: 'GET /', to: null }],
  });
  expect(Math.abs((down?.downtimeMs ?? 0) - 8000)).toBeLessThanOrEqual(10);
});

test('dropped iterations are none only where iterations ran: not of a scenario or in a phase that had none', async () => {
  const { requests } = simulate(200, 5000, []);
  const none = { counter: 'dropped_iterations', equals: 0 } as const;
  const { verdict } = await judge(
    [simulatedCsv(requests)],
    [fault(3000, 4000), fault(6000, 7000, 'late')],
    [
      { ...none, name: 'steady', phase: 'steady' },
      { ...none, name: 'own', phase: 'fault:f', where: { scenario: 'load' } },
      { ...none, name: 'misspelt', phase: 'all', where: { scenario: 'laod' } },
      { ...none, name: 'after the load', phase: 'fault:late' },
    ],
  );
  expect(verdict.objectives.map((o) => [o.name, o.result])).toEqual([
    ['steady', 'PASS'],
    ['own', 'PASS'],
    ['misspelt', 'INVALID'],
    ['after the load', 'INVALID'],
  ]);
});

const slowInFault = () =>
  Array.from({ length: 8000 }, (_, i): SimulatedRequest => {
    const at = i * 1.25;
    const slow = at >= 4250 && at < 6000;
    return {
      start: ZERO + at,
      durationMs: slow ? 40 + (i % 100) : 2 + (i % 10) * 0.1 + (i % 97 === 0 ? 30 : 0),
      failed: false,
    };
  });

test('percentiles of a phase are those of its requests; cut at the schedule, or averaged, they are not', async () => {
  const requests = slowInFault();
  // Due at 4000, in effect at 4250: the evidence is what counts.
  const { verdict, series } = await judge([simulatedCsv(requests)], [fault(4250, 6000)]);
  const within = (from: number, to: number) =>
    requests.filter((r) => r.start >= ZERO + from && r.start < ZERO + to).map((r) => r.durationMs);
  const off = (measured: number, exact: number) => Math.abs(measured - exact) / exact;
  const phase = verdict.phases.find((p) => p.name === 'fault:f');
  for (const [p, measured] of [
    [50, phase?.p50],
    [95, phase?.p95],
    [99, phase?.p99],
  ] as const) {
    expect(off(measured as number, exactPercentile(within(4250, 6000), p))).toBeLessThan(0.01);
  }
  const atSchedule = await judge([simulatedCsv(requests)], [fault(4000, 5750)]);
  const wrong = atSchedule.verdict.phases.find((p) => p.name === 'fault:f')?.p50 as number;
  expect(off(wrong, exactPercentile(within(4250, 6000), 50))).toBeGreaterThan(0.01);
  const seconds = series.seconds.map((s) => s.p95 ?? 0);
  const averaged = seconds.reduce((a, b) => a + b, 0) / seconds.length;
  expect(off(averaged, exactPercentile(within(0, 10_000), 95))).toBeGreaterThan(0.01);
});

test('a load that is split in two and judged together is the same load', async () => {
  const { requests, dropped } = simulate(200, 9000, [{ from: 4000, to: 4600, how: 'error' }]);
  const objectives: Objective[] = [
    { name: 'p95', percentile: 95, below: '10ms' },
    { name: 'errors', errors: true, below: '1%', phase: 'all', minSamples: 10 },
    {
      name: 'availability',
      availability: true,
      atLeast: '99%',
      window: '30d',
      phase: 'fault:f',
      minSamples: 10,
    },
  ];
  const truth = [fault(4000, 4600)];
  const whole = await judge([simulatedCsv(requests, dropped)], truth, objectives);
  const halves = [0, 1].map((half) => simulatedCsv(requests.filter((_, i) => i % 2 === half)));
  const joined = await judge(halves, truth, objectives);
  expect(joined.verdict.objectives).toEqual(whole.verdict.objectives);
  expect(joined.verdict.phases).toEqual(whole.verdict.phases);
  expect(joined.verdict.budget).toEqual(whole.verdict.budget);
  expect(joined.verdict.faults).toEqual(whole.verdict.faults);
  expect(joined.series.seconds).toEqual(whole.series.seconds);
});

test('requests that the injection itself broke are not blamed on the steady phase', async () => {
  const requests = Array.from({ length: 1200 }, (_, i): SimulatedRequest => {
    const start = ZERO + i * 5;
    const failed = start + 50 > ZERO + 3000 && start < ZERO + 3500;
    return { start, durationMs: failed ? Math.max(1, ZERO + 3001 - start) : 50, failed };
  });
  const { verdict } = await judge([simulatedCsv(requests)], [fault(3000, 3500)]);
  expect(verdict.phases.find((p) => p.name === 'steady')?.errors).toBe(0);
});

test('what has to hold for a while is INVALID in a shorter phase, and broken in it all the same', async () => {
  const { requests, dropped } = simulate(200, 6_000, [{ from: 1_000, to: 2_000, how: 'error' }]);
  const stable = (name: string, below: string, lasts: string): Objective => ({
    ...{ name, percentile: 95, below, phase: 'recovery:f', for: lasts },
  });
  const objectives = [
    stable('held', '10s', '3500ms'),
    stable('too-short', '10s', '15min'),
    stable('slow', '1ms', '15min'),
  ];
  const { verdict } = await judge([simulatedCsv(requests, dropped)], [fault(1_000, 2_000)], objectives);
  expect(verdict.objectives.map(({ name, result }) => [name, result])).toEqual([
    ['held', 'PASS'],
    ['too-short', 'INVALID'],
    ['slow', 'FAIL'],
  ]);
  expect(verdict.objectives[1]?.reason).toMatch(/^recovery:f lasted 4 s, and it has to hold for 15min$/);
});

test('what has to hold for as long as the load lasts does, although the last request begins before its end', async () => {
  const { requests, dropped } = simulate(50, 10_000, []);
  const held = (lasts: string): Objective => ({
    ...{ name: 'held', percentile: 95, below: '10s', phase: 'all', for: lasts },
  });
  const resultOf = async (lasts: string) => {
    const { verdict } = await judge([simulatedCsv(requests, dropped)], [], [held(lasts)]);
    return verdict.objectives[0];
  };
  expect((await resultOf('10s'))?.result).toBe('PASS');
  expect(await resultOf('11s')).toMatchObject({
    result: 'INVALID',
    reason: 'all lasted 9.98 s, and it has to hold for 11s',
  });
});

test('what was still waiting when the fault took effect is not blamed on the steady phase, though it was answered', async () => {
  // A service that takes 200 ms, and is frozen for 2 s.
  const requests = Array.from({ length: 600 }, (_, i): SimulatedRequest => {
    const start = ZERO + 10 * i;
    const isHeld = start > ZERO + 2_800 && start < ZERO + 5_000;
    return { start, durationMs: isHeld ? ZERO + 5_200 - start : 200, failed: false };
  });
  const steady: Objective = { name: 'p95', percentile: 95, below: '500ms', phase: 'steady' };
  const { verdict } = await judge([simulatedCsv(requests)], [fault(3_000, 5_000)], [steady]);
  expect(verdict.objectives[0]).toMatchObject({ result: 'PASS', samples: 280 });
});

test('two days of seconds of the machine have a verdict', async () => {
  const { requests } = simulate(50, 2_000, []);
  const recorded = simulatedRun([simulatedCsv(requests)], ZERO, ZERO + 1e6);
  removals.push(recorded.remove);
  const machine = { type: 'machine' as const, lateMaxMs: 1, stalls: [], vus: 2 };
  const quiet = { busy: 0.5, steal: null, pressure: null, k6Cpus: 0.1, k6WaitMs: null };
  const seconds = Array.from({ length: 172_800 }, (_, i) => ({
    at: ZERO + i,
    event: { ...machine, ...quiet, second: ZERO / 1000 + i },
  }));
  const objectives: Objective[] = [{ name: 'p95', percentile: 95, below: '10s' }];
  const run = journalOf(recorded, { objectives, drill: { load: [{ scenario: 'load', vars: {} }] } }, seconds);
  const { verdict } = await judgeRun(run);
  expect(verdict.machine).toMatchObject({ watchedSeconds: 172_800, lateMaxMs: 1, vusMax: 2 });
}, 60_000);

describe('a journal that others have written into after the run', () => {
  const record = {
    id: 'r',
    provider: 'local',
    describe: 'a frozen process',
    command: 'kill -CONT 1',
    data: {},
  };
  const judged = async (expected: object, events: readonly object[]) => {
    const { requests } = simulate(50, 4_000, []);
    const recorded = simulatedRun([simulatedCsv(requests)], ZERO, ZERO + 5_000);
    removals.push(recorded.remove);
    const { faults, events: own } = journaled([fault(1_000, 2_000)]);
    const load = [{ scenario: 'load', vars: {} }];
    const drill = { faults: faults.map((one) => ({ ...one, expect: expected })), load };
    const { lines, ...run } = journalOf(recorded, { objectives: [], drill }, own);
    const later = events.map((event, i) => ({ seq: 0, at: ZERO + 600_000 + i, event, prev: '', hash: '' }));
    // It was killed.
    const begun = lines.filter(({ event }) => event.type !== 'run-ended');
    return await judgeRun({ ...run, lines: [...begun, ...later] as typeof lines });
  };
  const undone = (state: string) => ({
    ...{ type: 'undo-done', id: 'r', by: 'recover' },
    outcome: { state, detail: '' },
  });

  test('of a killed run nobody heard alerts until it was recovered', async () => {
    const { verdict } = await judged({ detectWithin: 30_000 }, [undone('undone')]);
    expect(verdict.faults[0]?.expectations[0]).toMatchObject({
      measured: expect.stringMatching(/^not seen in .*, then the watch ended$/),
      result: 'INVALID',
    });
  });

  test('what was recovered is not left behind any more', async () => {
    const left = [
      { type: 'undo-armed', record },
      undone('failed'),
      { type: 'residue', what: record.describe, command: record.command },
    ];
    const residue = async (...more: object[]) => (await judged({}, [...left, ...more])).verdict.residue;
    expect(await residue()).toEqual([{ what: 'a frozen process', command: 'kill -CONT 1' }]);
    expect(await residue(undone('failed'))).toHaveLength(1);
    expect(await residue(undone('undone'))).toEqual([]);
  });
});
