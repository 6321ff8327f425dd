import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beside, besideMs, listed, many, percentText, rateText, readableMs } from './number-text.ts';

test.each([
  [178.4, 100, '178 ms'],
  [100.2, 100, '100.2 ms'],
  [99.96, 100, '99.96 ms'],
  [100, 100, '100 ms'],
  [30_004, 30_000, '30.004 s'],
  [2004, 2000, '2.004 s'],
  [12_345, 30_000, '12.3 s'],
])('%s ms beside a bound of %s ms reads as %s', (measured, bound, text) => {
  expect(besideMs(measured, bound)).toBe(text);
});

test('so do shares and rates', () => {
  expect(beside(0.01004, 0.01, percentText)).toBe('1.004 %');
  expect(beside(0.2346, 0.01, percentText)).toBe('23.5 %');
  expect(beside(999.7, 1000, rateText)).toBe('999.7/s');
  expect(beside(0.9989, 0.999, percentText)).toBe('99.89 %');
});

test('a value never reads like a bound that it misses by a ten thousandth or more', () => {
  const bound = fc.double({ min: 0.1, max: 100_000, noNaN: true });
  fc.assert(
    fc.property(bound, fc.double({ min: 1.0001, max: 3, noNaN: true }), (ms, factor) => {
      expect(besideMs(ms * factor, ms)).not.toBe(readableMs(ms));
      expect(besideMs(ms / factor, ms)).not.toBe(readableMs(ms));
    }),
  );
});

test('counts and lists read as a person would write them', () => {
  expect([many(1, 'sample'), many(2, 'sample')]).toEqual(['1 sample', '2 samples']);
  expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
});
