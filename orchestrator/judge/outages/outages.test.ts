import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RequestLog } from './event-log.ts';
import { findOutages, measureRhythm, type OutageSpan, unitedMs } from './outages.ts';

interface Down {
  readonly from: number;
  readonly to: number;
  readonly mode: 'error' | 'stall';
}

/** A target that answers after `latency`, and in `down` with errors or only when it is over. Requests come at even gaps. */
function simulate(gapMs: number, untilMs: number, down: readonly Down[], latency = 1, phase = 0): RequestLog {
  const goods: [number, number][] = [];
  const bad: number[] = [];
  for (let start = phase; start < untilMs; start += gapMs) {
    const hit = down.find((d) => start >= d.from && start < d.to);
    if (hit?.mode === 'error') bad.push(start);
    else goods.push([start, (hit ? hit.to : start) + latency]);
  }
  goods.sort((a, b) => a[1] - b[1]);
  return {
    name: 'GET /',
    scenarios: ['load'],
    goodStart: Float64Array.from(goods, ([start]) => start),
    goodEnd: Float64Array.from(goods, ([, end]) => end),
    bad: Float64Array.from(bad),
    kinds: [],
  };
}

function outagesOf(log: RequestLog, injectedAt: number, until: number): OutageSpan[] {
  const rhythm = measureRhythm(log, 0, injectedAt);
  if (rhythm === null) throw new Error('no rhythm');
  return findOutages(log, { from: injectedAt, to: until }, rhythm);
}

const mode = fc.constantFrom('error' as const, 'stall' as const);

test('downtime is off by at most one gap between two requests, or 5 ms', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 20, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 120, max: 20_000 }),
      mode,
      (gap, phase, length, how) => {
        const from = 5000.3;
        const log = simulate(
          gap,
          from + length + 3000,
          [{ from, to: from + length, mode: how }],
          1,
          phase * gap,
        );
        const [outage, ...more] = outagesOf(log, from, from + length + 3000);
        const bound = Math.max(5, gap);
        expect(more).toEqual([]);
        expect(outage?.to).not.toBeNull();
        expect(Math.abs((outage?.to as number) - (outage?.from as number) - length)).toBeLessThanOrEqual(
          bound,
        );
        expect(Math.abs((outage?.firstBadAt as number) - from)).toBeLessThanOrEqual(bound);
        expect(Math.abs((outage?.recoveredAt as number) - from - length)).toBeLessThanOrEqual(bound);
      },
    ),
    { numRuns: 60 },
  );
});

test('a request under way when the next fault goes in is kept waiting by that fault, not by the one before', () => {
  // The one that begins at 7990 is due by 8005; the next fault goes in at 8000 and holds everything up until 9500.
  const held = (from: number) => simulate(100, 12_000, [{ from, to: 9_500, mode: 'stall' }], 15, 90);
  const rhythm = { meanGapMs: 100, longestGapMs: 100, medianMs: 15 };
  const found = (log: RequestLog, from: number, to: number) =>
    findOutages(log, { from, to }, rhythm).map((outage) => [outage.firstBadAt, outage.to]);
  expect(found(held(7_990), 5_000, 8_000)).toEqual([]);
  expect(found(held(7_990), 8_000, 12_000)).toEqual([[8_000, 9_500]]);
  // One that had been silent for long by then is an outage of both.
  expect(found(held(7_000), 5_000, 8_000)).toEqual([[7_090, null]]);
});

test('a target without trouble has no outage', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 50, noNaN: true }),
      fc.double({ min: 0.1, max: 30, noNaN: true }),
      (gap, latency) => {
        expect(outagesOf(simulate(gap, 10_000, [], latency), 5000, 10_000)).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
});

test('a pause of the load is not an outage: nobody was waiting', () => {
  const whole = simulate(5, 10_000, []);
  const keep = [...whole.goodStart.keys()].filter(
    (i) => (whole.goodStart[i] as number) < 6000 || (whole.goodStart[i] as number) > 8000,
  );
  const log = {
    ...whole,
    goodStart: Float64Array.from(keep, (i) => whole.goodStart[i] as number),
    goodEnd: Float64Array.from(keep, (i) => whole.goodEnd[i] as number),
  };
  expect(outagesOf(log, 5000, 10_000)).toEqual([]);
});

test('good runs shorter than a second are flaps of one outage', () => {
  const down = [0, 1, 2].map((i) => ({ from: 5000 + i * 400, to: 5200 + i * 400, mode: 'error' as const }));
  const outages = outagesOf(simulate(5, 9000, down), 5000, 9000);
  expect(outages).toHaveLength(1);
  expect(outages[0]?.flaps).toBe(2);
  expect((outages[0]?.to as number) - (outages[0]?.from as number)).toBeGreaterThan(990);
});

test('outages with a sustained run between them are separate and add up', () => {
  const down = [5000, 7000].map((from) => ({ from, to: from + 300, mode: 'error' as const }));
  const outages = outagesOf(simulate(5, 10_000, down), 5000, 10_000);
  expect(outages).toHaveLength(2);
  expect(unitedMs(outages, 10_000)).toBeGreaterThan(595);
  expect(unitedMs(outages, 10_000)).toBeLessThan(605);
});

test('without a sustained run before the end of the window, the end is not known', () => {
  const [outage] = outagesOf(simulate(5, 6500, [{ from: 5000, to: 6000, mode: 'error' }]), 5000, 6500);
  expect(outage).toMatchObject({ to: null, recoveredAt: null });
});

test('what failed before the window is not the fault in the window', () => {
  const down: Down[] = [{ from: 3000, to: 3200, mode: 'error' }];
  expect(outagesOf(simulate(5, 9000, down), 5000, 9000)).toEqual([]);
});

test('an outage from before the injection counts only from the injection on', () => {
  const log = simulate(100, 9000, [{ from: 5000, to: 6000, mode: 'error' }]);
  const [outage] = outagesOf(log, 4990, 9000);
  expect(outage?.from).toBeGreaterThanOrEqual(4990);
});

test('one replica of three: the bound is the gap between the requests that it gets', () => {
  const gap = 5;
  const all = simulate(gap, 9000, []);
  const hit = (i: number) =>
    i % 3 === 0 && (all.goodStart[i] as number) >= 5000 && (all.goodStart[i] as number) < 6000;
  const indices = [...all.goodStart.keys()];
  const log: RequestLog = {
    name: 'GET /',
    scenarios: ['load'],
    goodStart: Float64Array.from(
      indices.filter((i) => !hit(i)),
      (i) => all.goodStart[i] as number,
    ),
    goodEnd: Float64Array.from(
      indices.filter((i) => !hit(i)),
      (i) => all.goodEnd[i] as number,
    ),
    bad: Float64Array.from(indices.filter(hit), (i) => all.goodStart[i] as number),
    kinds: [],
  };
  const outages = outagesOf(log, 5000, 9000);
  expect(outages).toHaveLength(1);
  const length = (outages[0]?.to as number) - (outages[0]?.from as number);
  expect(Math.abs(length - 1000)).toBeLessThanOrEqual(3 * gap);
  expect(outages[0]?.spacingMs).toBeCloseTo(3 * gap);
});

test('more bad requests never shorten the time without service', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 5000, max: 8000 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 5000, max: 8000 }),
      (bads, extra) => {
        const base = simulate(10, 12_000, []);
        const withBads = (list: number[]) => ({
          ...base,
          bad: Float64Array.from([...list].sort((a, b) => a - b)),
        });
        const before = outagesOf(withBads(bads), 5000, 12_000);
        const after = outagesOf(withBads([...bads, extra]), 5000, 12_000);
        // The spacing of the bad ones is part of the estimate of both ends: it may move each by half of itself.
        const slack = Math.max(10, ...before.map((o) => o.spacingMs));
        expect(unitedMs(after, 12_000)).toBeGreaterThanOrEqual(
          unitedMs(before, 12_000) - slack * before.length,
        );
        expect(last(after)).toBeGreaterThanOrEqual(last(before) - 1e-6);
      },
    ),
  );
});

test('the union of spans counts no moment twice', () => {
  expect(
    unitedMs(
      [
        { from: 0, to: 10 },
        { from: 5, to: 20 },
        { from: 30, to: null },
      ],
      40,
    ),
  ).toBe(30);
});

function last(outages: readonly OutageSpan[]): number {
  return Math.max(...outages.map((o) => o.recoveredAt ?? Number.POSITIVE_INFINITY));
}
