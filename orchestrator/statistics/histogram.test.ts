import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { clear, createHistogram, merge, percentile, record } from './histogram.ts';

const durations = fc.array(fc.double({ min: 0, max: 120_000, noNaN: true }), {
  minLength: 1,
  maxLength: 500,
});

test('a percentile is within 0.1 % (or a microsecond) of the exact nearest-rank one', () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0.1, max: 100, noNaN: true }), (values, p) => {
      const histogram = createHistogram();
      for (const value of values) record(histogram, value);
      const sorted = [...values].sort((a, b) => a - b);
      const exact = sorted[Math.max(0, Math.ceil((p / 100) * sorted.length - 1e-6) - 1)] as number;
      expect(Math.abs((percentile(histogram, p) as number) - exact)).toBeLessThanOrEqual(
        Math.max(0.001, exact * 0.001),
      );
    }),
  );
});

test('agrees with hdr-histogram-js to its three digits', () => {
  const own = createHistogram();
  const library = build({
    numberOfSignificantValueDigits: 3,
    highestTrackableValue: 1e8,
    useWebAssembly: false,
  });
  for (let i = 1; i <= 20_000; i++) {
    const micros = Math.round(100 + ((i * 7919) % 900_000));
    record(own, micros / 1000);
    library.recordValue(micros);
  }
  for (const p of [1, 50, 90, 95, 99, 99.9, 100]) {
    const theirs = library.getValueAtPercentile(p) / 1000;
    expect(Math.abs((percentile(own, p) as number) - theirs) / theirs).toBeLessThan(0.002);
  }
});

test('two halves merged are the whole', () => {
  fc.assert(
    fc.property(durations, durations, (a, b) => {
      const [left, right, whole] = [createHistogram(), createHistogram(), createHistogram()];
      for (const value of a) record(left, value);
      for (const value of b) record(right, value);
      for (const value of [...a, ...b]) record(whole, value);
      merge(left, right);
      for (const p of [1, 50, 99, 100]) expect(percentile(left, p)).toBe(percentile(whole, p));
    }),
  );
});

test('the extremes are exact, and half an hour fits', () => {
  const histogram = createHistogram();
  for (const value of [0, 0.0004, 1_800_000, 1e12]) record(histogram, value);
  expect(percentile(histogram, 75)).toBeGreaterThan(1_799_000);
  expect(histogram.max).toBe(1e12);
  expect(histogram.min).toBe(0);
});

test('an empty or cleared histogram has no percentile', () => {
  const histogram = createHistogram();
  expect(percentile(histogram, 50)).toBeNull();
  record(histogram, 5);
  clear(histogram);
  expect(percentile(histogram, 50)).toBeNull();
});
