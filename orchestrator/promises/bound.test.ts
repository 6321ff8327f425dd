import { expect, test } from 'vitest';
import { parseBounds, sameBounds } from './bound.ts';

test.each([
  ['p95 < 100ms', { side: 'below', value: 100, unit: 'ms' }],
  ['p95 < 0.1s (vocal_chunk_latency)', { side: 'below', value: 100, unit: 'ms' }],
  ['< 5min', { side: 'below', value: 300_000, unit: 'ms' }],
  ['30 s', { side: 'below', value: 30_000, unit: 'ms' }],
  ['2 min 5 s', { side: 'below', value: 125_000, unit: 'ms' }],
  ['an alert within 1 min of gateway-lost', { side: 'below', value: 60_000, unit: 'ms' }],
  [
    'at least 10 replicas of gateway within 2 min 30 s of the first sample',
    { side: 'below', value: 150_000, unit: 'ms' },
  ],
  ['errors < 0.1%', { side: 'below', value: 0.001, unit: 'share' }],
  ['failed ≤ 0.1% (99.9% available)', { side: 'above', value: 0.999, unit: 'share' }],
  ['availability >= 99.9% (30d)', { side: 'above', value: 0.999, unit: 'share' }],
  ['edge_kept >= 100%', { side: 'exactly', value: 1, unit: 'share' }],
  ['throughput >= 1,000/s', { side: 'above', value: 1000, unit: 'per second' }],
  ['good ≥ 60000/min', { side: 'above', value: 1000, unit: 'per second' }],
  ['lost = 0', { side: 'exactly', value: 0, unit: 'count' }],
  ['< 1', { side: 'exactly', value: 0, unit: 'count' }],
  ['control_escalations ≤ 9', { side: 'below', value: 9, unit: 'count' }],
  ['< 10', { side: 'below', value: 9, unit: 'count' }],
  ['canary_ratio <= 2', { side: 'below', value: 2, unit: 'count' }],
])('%s', (text, bound) => {
  expect(parseBounds(text)).toEqual([bound]);
});

test.each(['401', 'stored inert', 'none', '10 s to 30 s', '', '30', 'over 30 days', '< $15'])(
  '%j is in words',
  (text) => {
    expect(parseBounds(text)).toEqual([]);
  },
);

test.each([
  ['< 100ms', 'p95 < 100ms', true],
  ['< 100ms', 'p95 < 250ms', false],
  ['< 100ms', 'errors < 100%', false],
  ['within 30s', '30 s', true],
  ['within 30s', '15 s', false],
  ['>= 99.9% over 30 days', 'failed ≤ 0.1% (99.9% available)', true],
  ['< 100ms', 'slow > 100ms', false],
  ['>= 1000/s', 'throughput >= 500/s', false],
  ['in words', 'in words', false],
  ['>= 28 and <= 32', 'control_loop_period_seconds >= 28 and <= 32 for 2 min after the first sample', true],
  ['>= 28', 'control_loop_period_seconds >= 28 and <= 32 for 2 min after the first sample', false],
  ['< 0.1% for 15min', 'errors < 0.1% for 15min', true],
  ['< 0.1% for 15min', 'errors < 0.1% for 20s', false],
  ['< 0.1% for 15min', 'errors < 0.1%', false],
  ['< 0.1%', 'errors < 0.1% for 20s', true],
  ['< 0.8 for 15min', 'the rate of cpu_seconds_total a second < 0.8 for 15 min after recovered', true],
  ['< 0.8 for 15min', 'the rate of cpu_seconds_total a second < 0.8 for 1 min 5 s after recovered', false],
  ['>= 1 within 30s', 'the increase of tries_total >= 1 within 30 s of lost', true],
  ['>= 1 within 60s', 'the increase of tries_total >= 1 within 30 s of lost', false],
])('%s and %s: %s', (one, other, same) => {
  expect(sameBounds(one, other)).toBe(same);
});
