import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DrillFault } from '../../chaos/schema/drill.ts';
import { journaled } from '../../test/reference-target/ground-truth.ts';
import { loadEnded } from '../../test/reference-target/load-ended.ts';
import { journalOf } from '../../test/reference-target/recorded-run.ts';
import {
  type SimulatedRequest,
  simulatedCsv,
  simulatedRun,
} from '../../test/reference-target/simulated-run.ts';
import type { Objective } from '../../thresholds/objective.ts';
import type { JournalEvent } from '../journal/events.ts';
import type { Outcome, Verdict } from '../verdict.types.ts';
import { judgeRun } from './judge.ts';

/** Properties of whole runs: random ones, through the recording, the scan and the judge. */
const ZERO = 1_790_000_000_000;
const INJECTED = 3000;
const LENGTH = 8000;

interface Run {
  readonly requests: readonly SimulatedRequest[];
  readonly dropped: readonly number[];
  readonly faultMs: number;
  readonly expect: DrillFault['expect'];
}

const run: fc.Arbitrary<Run> = fc
  .record({
    gap: fc.integer({ min: 15, max: 40 }),
    seeds: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 64, maxLength: 64 }),
    badShare: fc.double({ min: 0, max: 0.4, noNaN: true }),
    brokenMs: fc.integer({ min: 0, max: 3000 }),
    faultMs: fc.integer({ min: 100, max: 2000 }),
    drops: fc.array(fc.integer({ min: INJECTED, max: LENGTH - 1 }), { maxLength: 4 }),
    expect: fc.record({
      recoverWithin: fc.integer({ min: 200, max: 4000 }),
      failedRequestsBelow: fc.integer({ min: 1, max: 60 }),
    }),
  })
  .map(({ gap, seeds, badShare, brokenMs, faultMs, drops, expect }) => {
    const requests = Array.from({ length: Math.floor(LENGTH / gap) }, (_, i): SimulatedRequest => {
      const at = i * gap + 0.25;
      const [luck = 0, pace = 0] = [seeds[(i * 7) % 64], seeds[(i * 13) % 64]];
      const broken = at >= INJECTED && at < INJECTED + brokenMs;
      return {
        start: ZERO + at,
        durationMs: broken && luck > 0.8 ? 20 + pace * 500 : 1 + pace * 5,
        failed: broken && luck < badShare,
        name: i % 5 === 0 ? 'POST /' : 'GET /',
      };
    });
    return { requests, dropped: drops.map((at) => ZERO + at), faultMs, expect };
  });

const objectives: Objective[] = [
  { name: 'p95', percentile: 95, below: '100ms', phase: 'fault:f', minSamples: 1 },
  { name: 'p50', percentile: 50, below: '5ms', phase: 'recovery:f', minSamples: 1 },
  { name: 'errors', errors: true, below: '8%', phase: 'all', minSamples: 10 },
  { name: 'available', availability: true, atLeast: '90%', window: '30d', phase: 'fault:f', minSamples: 1 },
  { name: 'enough', throughput: true, atLeast: '20/s', phase: 'all', minSamples: 10 },
];

async function judge({ requests, dropped, faultMs, expect }: Run, split: (i: number) => number = () => 0) {
  const parts = [...new Set(requests.map((_, i) => split(i)))].sort();
  const texts = parts.map((part, load) =>
    simulatedCsv(
      requests.filter((_, i) => split(i) === part),
      load === 0 ? dropped : [],
    ),
  );
  const recorded = simulatedRun(texts, ZERO, ZERO + LENGTH + 1000);
  const from = ZERO + INJECTED;
  const { faults, events } = journaled([{ name: 'f', from, to: from + faultMs, downtimeMs: 0, outages: 1 }]);
  const drill = {
    faults: faults.map((fault) => ({ ...fault, expect })),
    load: texts.map(() => ({ scenario: 'load', vars: {} })),
  };
  const more = texts.slice(1).flatMap((_, i) => [
    { at: ZERO, event: { type: 'load-started', load: i + 1, script: '', pid: 1, k6: '' } as JournalEvent },
    { at: recorded.endedAt, event: loadEnded({ load: i + 1 }) },
  ]);
  const { verdict } = await judgeRun(
    journalOf(recorded, { objectives, drill }, [...more, ...events]),
  ).finally(recorded.remove);
  return verdict;
}

test('a run that is split in two, anywhere or request by request, and judged together is the same run', async () => {
  const split = fc.oneof(
    fc.integer({ min: 1, max: 150 }).map((at) => (i: number) => (i < at ? 0 : 1)),
    fc
      .array(fc.integer({ min: 0, max: 2 }), { minLength: 16, maxLength: 16 })
      .map((parts) => (i: number) => parts[i % 16] as number),
  );
  await fc.assert(
    fc.asyncProperty(run, split, async (whole, how) => {
      expect(exceptNotesOfLoads(await judge(whole, how))).toEqual(exceptNotesOfLoads(await judge(whole)));
    }),
    { numRuns: 50 },
  );
}, 60_000);

/** That half of a load's requests failed is noted for each load: two halves of a run may differ in that. */
function exceptNotesOfLoads(verdict: Verdict): Verdict {
  const isNote = (text: string) => /^Load \d/.test(text);
  return {
    ...verdict,
    reasons: verdict.reasons.filter((reason) => !isNote(reason)),
    causes: verdict.causes?.filter(({ result, cause }) => result !== 'NOTE' || !isNote(cause)) ?? [],
  };
}

const rank: Record<Outcome, number> = { PASS: 0, INVALID: 1, FAIL: 2 };
const ranks = (verdict: Verdict) => [
  rank[verdict.verdict],
  ...verdict.objectives.map(({ result }) => rank[result]),
  ...verdict.faults.map(({ result }) => rank[result]),
];

// Downtime is an estimate to half a gap at each end; how far it may move is a property of its own in outages.test.ts.
test('more failed requests and more dropped iterations never improve a verdict, nor any part of it', async () => {
  const worse = fc.record({
    fails: fc.array(fc.integer({ min: INJECTED, max: LENGTH - 1 }), { maxLength: 6 }),
    drops: fc.array(fc.integer({ min: INJECTED, max: LENGTH - 1 }), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(run, worse, async (before, { fails, drops }) => {
      const hit = new Set(fails.map((at) => before.requests.findIndex(({ start }) => start >= ZERO + at)));
      const after: Run = {
        ...before,
        requests: before.requests.map((request, i) => (hit.has(i) ? { ...request, failed: true } : request)),
        dropped: [...before.dropped, ...drops.map((at) => ZERO + at)],
      };
      const [was, is] = [ranks(await judge(before)), ranks(await judge(after))];
      for (const [i, value] of is.entries()) expect(value).toBeGreaterThanOrEqual(was[i] as number);
    }),
    { numRuns: 80 },
  );
}, 60_000);
