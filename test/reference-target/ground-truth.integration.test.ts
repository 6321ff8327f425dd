import { afterAll, describe, expect, test } from 'vitest';
import { judgeRun } from '../../orchestrator/judge/judge.ts';
import type { Judgement } from '../../orchestrator/judge/types.ts';
import { anyK6 } from '../k6.ts';
import { loadScript } from './drill-files.ts';
import { boundOf, differences, journaled, type TrueFault, truthOf } from './ground-truth.ts';
import { noiseOf } from './noise.ts';
import { exactPercentile, percentileDifferences, rawRequests } from './raw-requests.ts';
import { recordFirst } from './record-first.ts';
import { journalOf, type Recorded, recordRun } from './recorded-run.ts';
import { type ScriptedWindow, startReferenceTarget } from './reference-target.ts';
import { FULL_SCRIPT, FULL_SCRIPT_MS, LONG_SCRIPT, LONG_SCRIPT_MS } from './script.ts';

const k6 = await anyK6();
const OBJECTIVES = [
  { name: 'p95', percentile: 95, below: '10s', minSamples: 10 },
  { name: 'p99-all', percentile: 99, below: '10s', phase: 'all', minSamples: 10 },
];

/**
 * At 1000 requests a second on two cores, k6, the target and everything else disturb each other so often that the comparison says
 * more about the machine than about squall. So this runs with the full counts only.
 */
const rates = process.env.SQUALL_FULL ? [50, 200, 1000] : [50, 200];

describe.each(rates.map((rate) => ({ rate })))('at $rate requests a second', ({ rate }) => {
  let recorded: Recorded;
  let truth: TrueFault[];
  /** Leaves out those during which the machine was busy with something else. */
  let compared: TrueFault[];
  let judgement: Judgement;
  let bound: (name: string) => number;

  /** If the target did not do what its script says, there is no truth to compare with: skipped, and counted as skipped. */
  recordFirst(async () => {
    if (k6 === null) return '';
    recorded?.remove();
    const outcome = await recordQuietly(rate, FULL_SCRIPT, FULL_SCRIPT_MS);
    if ('tooBusy' in outcome) return outcome.tooBusy;
    ({ recorded, truth, compared, bound } = outcome);
    judgement = await judge(truth);
    return '';
  });
  afterAll(() => recorded?.remove());

  function judge(faultTruth: readonly TrueFault[]): Promise<Judgement> {
    const { faults, events } = journaled(faultTruth);
    return judgeRun(journalOf(recorded, { objectives: OBJECTIVES, drill: { faults } }, events));
  }

  test.skipIf(k6 === null)('downtime, first bad and recovered times agree with the target', () => {
    expect(recorded.end).toMatchObject({ complete: true });
    expect(differences(judgement.verdict.faults, compared, bound)).toEqual([]);
  });

  test.skipIf(k6 === null)('the report states how exact its times are', () => {
    for (const fault of judgement.verdict.faults) {
      expect(fault.toleranceMs).toBeGreaterThanOrEqual(5);
      expect(fault.toleranceMs, fault.name).toBeLessThanOrEqual(bound(fault.name) * 2);
    }
  });

  test.skipIf(k6 === null)('flaps stay inside one outage, separate outages add up', ({ skip }) => {
    const quiet = ['flapping', 'twice'].every((name) => compared.some((one) => one.name === name));
    skip(!quiet, 'the machine was busy just then');
    const of = (name: string) => judgement.verdict.faults.find((f) => f.name === name);
    expect(of('flapping')?.outages.filter((o) => o.request.startsWith('http'))).toHaveLength(1);
    expect(of('flapping')?.outages[0]?.flaps).toBe(2);
    expect(of('twice')?.outages.filter((o) => o.request.startsWith('http'))).toHaveLength(2);
  });

  test.skipIf(k6 === null)('percentiles of each phase are within 1 % of the exact ones', () => {
    const raw = rawRequests(recorded.directory);
    expect(percentileDifferences(judgement.verdict.phases, raw)).toEqual([]);
    const all = judgement.verdict.objectives.find((o) => o.name === 'p99-all');
    const exact = exactPercentile(
      raw.filter((r) => !r.failed).map((r) => r.durationMs),
      99,
    );
    expect(Math.abs((all?.measured as number) - exact) / exact).toBeLessThan(0.01);
  });

  test.skipIf(k6 === null)('phases that are cut at the schedule are noticed', async () => {
    // A judge that uses the time when each fault was due, 250 ms earlier, instead of when it took effect.
    const scheduled = truth.map((t) => ({ ...t, from: t.from - 250, to: t.to - 250 }));
    const wrong = await judge(scheduled);
    // Compared with the true phases, which begin and end as in the target's own record.
    const phases = judgement.verdict.phases.map((phase) => {
      const { p50 = null, p95 = null } = wrong.verdict.phases.find(({ name }) => name === phase.name) ?? {};
      return { ...phase, p50, p95 };
    });
    const found = percentileDifferences(phases, rawRequests(recorded.directory));
    expect(found.join('\n')).toMatch(/^fault:slowing: p50/m);
  });

  test.skipIf(k6 === null)('percentiles that are averaged over the seconds are noticed', () => {
    const { seconds, startAt } = judgement.series;
    const phases = judgement.verdict.phases.map((phase) => {
      const [from, to] = [Date.parse(phase.from), Date.parse(phase.to)];
      const inside = seconds.filter((_, i) => startAt + (i + 1) * 1000 > from && startAt + i * 1000 < to);
      const mean = (values: readonly (number | null)[]) => {
        const known = values.filter((value) => value !== null);
        return known.reduce((sum, value) => sum + value, 0) / known.length;
      };
      return { ...phase, p50: mean(inside.map((s) => s.p50)), p95: mean(inside.map((s) => s.p95)) };
    });
    const found = percentileDifferences(phases, rawRequests(recorded.directory));
    expect(found.join('\n')).toMatch(/^fault:slowing: p95/m);
  });

  test.skipIf(k6 === null)('a clock that is off by 100 ms is noticed', async () => {
    const wrong = await judge(truth.map((t) => ({ ...t, from: t.from + 100, to: t.to + 100 })));
    expect(wrong.verdict.phases.find((p) => p.name === 'steady')?.errors).toBeGreaterThan(0);
    const shiftedTruth = truth.map((t) => ({ ...t, from: t.from + 100, to: t.to + 100 }));
    expect(differences(judgement.verdict.faults, shiftedTruth, bound)).not.toEqual([]);
  });

  test.skipIf(k6 === null)('polling once a second is noticed', () => {
    const polled = judgement.verdict.faults.map((fault) => ({
      ...fault,
      ...pollEverySecond(recorded.directory, fault),
    }));
    expect(differences(polled, truth, bound)).not.toEqual([]);
  });
});

describe.runIf(process.env.SQUALL_FULL)('outages of 2 to 20 seconds', () => {
  test.skipIf(k6 === null)(
    'are measured as exactly as short ones',
    async ({ skip }) => {
      const outcome = await recordQuietly(200, LONG_SCRIPT, LONG_SCRIPT_MS);
      if ('tooBusy' in outcome) return skip(outcome.tooBusy);
      const { recorded, truth, compared } = outcome;
      const { faults, events } = journaled(truth);
      const run = journalOf(recorded, { objectives: OBJECTIVES, drill: { faults } }, events);
      const { verdict } = await judgeRun(run).finally(recorded.remove);
      expect(differences(verdict.faults, compared, outcome.bound)).toEqual([]);
    },
    300_000,
  );
});

/** This many of nine faults may have hit a moment when the machine was busy; the others are compared. */
const MOST_NOISY = 2;

/** If the target did not do what its script says, there is no truth to compare with: tried again, up to three times. */
async function recordQuietly(
  rate: number,
  script: readonly ScriptedWindow[],
  scriptMs: number,
): Promise<
  | {
      readonly recorded: Recorded;
      readonly truth: TrueFault[];
      readonly compared: TrueFault[];
      readonly bound: (name: string) => number;
    }
  | { readonly tooBusy: string }
> {
  for (let attempt = 1; ; attempt++) {
    const target = await startReferenceTarget();
    const recorded = await recordRun({
      k6: k6?.path as string,
      script: loadScript(target.url, rate, scriptMs + 1000),
      during: async ({ stream }) => {
        await stream.firstSampleAt;
        await target.play({ windows: script });
      },
    });
    const record = await target.record();
    await target.stop();
    const noise = noiseOf(recorded.directory, record, Math.max(40, 5000 / rate));
    if (noise.outside.length === 0 && noise.faults.size <= MOST_NOISY) {
      const truth = truthOf(record, new Set(['twice']));
      const compared = truth.filter(({ name }) => !noise.faults.has(name));
      return { recorded, truth, compared, bound: boundOf(rate, rawRequests(recorded.directory), truth) };
    }
    recorded.remove();
    if (attempt === 3) return { tooBusy: `this machine is too busy to keep the script: ${noise.text}` };
  }
}

/** What a measurement that polls once a second would have reported. */
function pollEverySecond(directory: string, fault: { readonly injectedAt: string | null }) {
  const injectedAt = Date.parse(fault.injectedAt as string);
  const seen = new Map<number, boolean>();
  for (const request of rawRequests(directory)) {
    const second = Math.floor(request.end / 1000);
    if (request.end >= injectedAt - 1000 && !seen.has(second)) seen.set(second, request.failed);
  }
  const seconds = [...seen].sort((a, b) => a[0] - b[0]);
  const bad = seconds.findIndex(([, failed]) => failed);
  if (bad < 0) return { downtimeMs: 0, firstBadAt: null, recoveredAt: null };
  const good = seconds.find(([second, failed]) => !failed && second > (seconds[bad] as [number, boolean])[0]);
  const from = (seconds[bad] as [number, boolean])[0] * 1000;
  const to = good ? good[0] * 1000 : from;
  return {
    downtimeMs: to - from,
    firstBadAt: new Date(from).toISOString(),
    recoveredAt: new Date(to).toISOString(),
  };
}
