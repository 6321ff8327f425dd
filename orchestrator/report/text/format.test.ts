import { expect, it } from 'vitest';
import { burnRate, count, duration, measured, offset, rate, share } from './format.ts';

it.each([
  [0, '0 ms'],
  [0.84, '0.8 ms'],
  [84.4, '84 ms'],
  [999.6, '1 s'],
  [1840, '1.84 s'],
  [21_860, '21.9 s'],
  [59_996, '1 min'],
  [72_000, '1 min 12 s'],
  [7_500_000, '2 h 5 min'],
  [-1500, '-1.5 s'],
  [null, '–'],
  [Number.NaN, '–'],
])('shows a duration of %s ms as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it.each([
  [0, '0 %'],
  [0.000123, '0.012 %'],
  [0.123, '12.3 %'],
  [0.9998, '99.98 %'],
  [0.99999, '99.999 %'],
  [0.99995, '99.995 %'],
  [1, '100 %'],
  [0.9999999, '99.99999 %'],
])('never rounds a share of %s to a whole that it is not: %s', (fraction, text) => {
  expect(share(fraction)).toBe(text);
});

it.each([
  [1840, 'p95 < 2s', '1.84 s'],
  [15.2, 'p95 < 100ms', '15 ms'],
  [0.0288, 'errors < 5%', '2.9 %'],
  [0.9998, 'availability >= 99.9% over 30d', '99.98 %'],
  [998.7, 'throughput >= 990/s', '999/s'],
  [3, 'vocal_dropped_chunks = 0', '3'],
  [null, 'p95 < 100ms', 'nothing measured'],
])('shows %s for target "%s" as %s', (value, target, text) => {
  expect(measured(value, target)).toBe(text);
});

it.each([
  [0, '0×'],
  [0.0421, '0.042×'],
  [65.742, '65.7×'],
  [412, '412×'],
])('shows a burn rate of %s as %s', (times, text) => {
  expect(burnRate(times)).toBe(text);
});

it('places times on the run, before its zero and after an hour too', () => {
  const zero = Date.parse('2026-05-04T14:00:00.000Z');
  expect(offset('2026-05-04T14:01:04.230Z', zero)).toBe('1:04.2');
  expect(offset('2026-05-04T13:59:58.500Z', zero)).toBe('-0:01.5');
  expect(offset('2026-05-04T15:02:03.000Z', zero)).toBe('1:02:03.0');
  expect(offset(null, zero)).toBe('–');
});

it('groups digits', () => {
  expect([count(1_234_567), count(999), count(-1000), count(0.5), rate(12_345), rate(0.25)]).toEqual([
    '1\u202f234\u202f567',
    '999',
    '-1\u202f000',
    '0.5',
    '12\u202f345/s',
    '0.3/s',
  ]);
});
