import { expect, test, vi } from 'vitest';
import breakpoint from '../../../thresholds/breakpoint.ts';
import { toK6 } from '../objectives/k6-thresholds.ts';
import { summaryRows } from '../objectives/summary.ts';
import { limitRemark, type Outcome, outcome } from './search-outcome.ts';
import type { Probe } from './search-rate.ts';

vi.stubGlobal('__ENV', {});
vi.stubGlobal('__VU', 0);

const broke = (by: Probe['broke'], rate: number): Probe => ({ rate, broke: by, detail: '' });

/** The metrics after the search, as k6 evaluates them. */
function metricsOf(held: number, { judged, limit, limitRate }: Outcome) {
  const counter = (count: number) => ({ values: { count } });
  const sample = {
    breakpoint_rate: {
      ...counter(judged ?? 0),
      thresholds: { 'count>=1000': { ok: (judged ?? 0) >= 1000 } },
    },
    breakpoint_rate_samples: counter(judged === null ? 0 : 1),
  };
  return { ...sample, breakpoint_held: counter(held), [limit]: counter(limitRate) };
}

function row(holds: number, breaks: Probe | null) {
  const metrics = metricsOf(holds, outcome({ holds, breaks }, 1000));
  const request = {
    scenario: 'breakpoint',
    translated: breakpoint.map((objective) => toK6(objective)),
    openLoop: false,
    remarks: (data: Parameters<typeof limitRemark>[0]) => ({ 'gateway.throughput': limitRemark(data) }),
  };
  return summaryRows(request, { state: { testRunDurationMs: 1 }, metrics })[0];
}

test('a target that breaks below the required rate fails, and is named', () => {
  expect(row(800, broke('target', 840))).toMatchObject({
    result: 'FAIL',
    measured: 800,
    reason: '800/s held; the limit is the target at 840/s',
  });
  expect(row(0, broke('target', 1))).toMatchObject({ result: 'FAIL', measured: 0 });
});

test('a generator that breaks below it has shown nothing about the target: INVALID, and the generator is named', () => {
  expect(row(800, broke('generator', 840))).toMatchObject({
    result: 'INVALID',
    measured: null,
    samples: 0,
    reason: '1 samples are needed: 800/s held; the limit is the generator at 840/s',
  });
  expect(row(0, broke('generator', 1))?.result).toBe('INVALID');
});

test('a maximum below the required rate is INVALID, too', () => {
  expect(row(500, null)).toMatchObject({
    result: 'INVALID',
    reason: '1 samples are needed: 500/s held; the limit is RATE_MAX, where nothing broke, at 500/s',
  });
});

test('a rate that held is enough, whatever broke above it', () => {
  expect(row(1000, broke('generator', 1050))).toMatchObject({
    result: 'PASS',
    measured: 1000,
    reason: '1000/s held; the limit is the generator at 1050/s',
  });
  expect(row(1600, broke('target', 1680))?.result).toBe('PASS');
  expect(row(5000, null)?.result).toBe('PASS');
});

test('a search that did not end says nothing', () => {
  expect(limitRemark({ metrics: {} })).toBe('');
});
