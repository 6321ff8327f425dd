import { afterAll, expect, test } from 'vitest';
import { journaled } from '../../test/reference-target/ground-truth.ts';
import { journalOf } from '../../test/reference-target/recorded-run.ts';
import { simulatedCsv, simulatedRun } from '../../test/reference-target/simulated-run.ts';
import type { JournalEvent } from '../journal/events.ts';
import { judgeRun } from './judge.ts';

const ZERO = 1_790_000_000_000;
const removals: (() => void)[] = [];
afterAll(() => {
  for (const remove of removals.splice(0)) remove();
});

const runners = (allAt: number, plusMinusMs: number, setupRequests = 0): JournalEvent => ({
  type: 'load-runners',
  load: 0,
  allAt,
  runners: [
    { name: 'runner 1', place: 'pod a on x', beganAt: ZERO, clockOffsetMs: 3, plusMinusMs: 1, setupRequests },
    {
      name: 'runner 2',
      place: 'pod b on y',
      beganAt: allAt,
      clockOffsetMs: -250,
      plusMinusMs,
      setupRequests,
    },
  ],
});

/** Half the rate until `fullFrom`; down from 10 s to 12 s; until 20 s. */
async function judged(event: JournalEvent | null, fullFrom: number, downtimeBelow: number) {
  const requests = Array.from({ length: 2000 }, (_, i) => ({
    start: ZERO + i * 10 + 0.3,
    durationMs: 2,
    failed: i >= 1000 && i < 1200,
  })).filter(({ start }, i) => i % 2 === 0 || start >= ZERO + fullFrom);
  const recorded = simulatedRun([simulatedCsv(requests)], ZERO - 5_000, ZERO + 30_000);
  removals.push(recorded.remove);
  const { faults, events } = journaled([
    { name: 'down', from: ZERO + 10_000, to: ZERO + 12_000, downtimeMs: 2000, outages: 1 },
  ]);
  const objectives = [{ name: 'rate', throughput: true, atLeast: '98/s' }] as const;
  const drill = {
    faults: faults.map((one) => ({ ...one, expect: { downtimeBelow, recoverWithin: 2_100 } })),
  };
  const all = event === null ? events : [{ at: ZERO + fullFrom, event }, ...events];
  return (await judgeRun(journalOf(recorded, { objectives: [...objectives], drill }, all))).verdict;
}

test('the steady phase begins when all runners send requests: before that the load is not what it is meant to be', async () => {
  const { phases, objectives } = await judged(runners(ZERO + 4_000, 1), 4_000, 5_000);
  expect(phases[0]).toMatchObject({
    name: 'steady',
    from: new Date(ZERO + 4_000).toISOString(),
    requests: 600,
  });
  expect(objectives[0]).toMatchObject({ result: 'PASS' });
  const unaware = await judged(null, 4_000, 5_000);
  expect(unaware.objectives[0]).toMatchObject({ result: 'FAIL' });
});

test('a bound that is nearer than the clocks are known is neither kept nor broken', async () => {
  const of = async (plusMinusMs: number, downtimeBelow: number) => {
    const { faults } = await judged(runners(ZERO + 1_000, plusMinusMs), 0, downtimeBelow);
    return faults[0]?.expectations.map(({ name, result }) => `${name}: ${result}`);
  };
  expect(await of(1, 2_050)).toEqual(['recoverWithin: PASS', 'downtimeBelow: PASS']);
  expect(await of(60, 2_050)).toEqual(['recoverWithin: PASS', 'downtimeBelow: INVALID']);
  expect(await of(150, 2_500)).toEqual(['recoverWithin: INVALID', 'downtimeBelow: PASS']);
  expect(await of(60, 1_500)).toEqual(['recoverWithin: PASS', 'downtimeBelow: FAIL']);
});

test('how well the clocks are known is in the bound of each time: of both ends, since two runners may have seen them', async () => {
  const of = async (event: JournalEvent | null) => (await judged(event, 0, 5_000)).faults[0];
  const [alone, several] = [await of(null), await of(runners(ZERO + 1_000, 60))];
  expect((several?.toleranceMs ?? 0) - (alone?.toleranceMs ?? 0)).toBeCloseTo(120);
  expect((several?.injectedToleranceMs ?? 0) - (alone?.injectedToleranceMs ?? 0)).toBeGreaterThan(50);
  expect(several?.reason).toMatch(/^down for 2 s \(± 13\d ms\)/);
});

test('what is special about several runners is said', async () => {
  const { causes = [], reasons } = await judged(runners(ZERO + 1_000, 5, 3), 0, 5_000);
  const notes = JSON.stringify([causes, reasons]);
  expect(notes).toContain('2 runners, judged as one; the last began 1 s after the first');
  expect(notes).toContain('Nothing watched the machines of 2 of them.');
  expect(notes).toContain('off by up to 250 ms (known to ± 5 ms)');
  expect(notes).toContain('setup() ran in each of its 2 runners, and sent 3, 3 requests');
});
