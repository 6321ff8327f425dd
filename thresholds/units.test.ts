import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDecimal, parseDurationMs, parsePercent, parseRatePerSecond } from './units.ts';

test('durations are read in every unit and summed', () => {
  expect(parseDurationMs('80ms')).toBe(80);
  expect(parseDurationMs('1.5s')).toBe(1500);
  expect(parseDurationMs('2min')).toBe(120_000);
  expect(parseDurationMs('2m')).toBe(120_000);
  expect(parseDurationMs('1m30s')).toBe(90_000);
  expect(parseDurationMs('1h0m0s')).toBe(3_600_000);
  expect(parseDurationMs('30d')).toBe(30 * 86_400_000);
  expect(parseDurationMs('250us')).toBeCloseTo(0.25, 12);
});

test.each([
  '',
  's',
  '5',
  '-5s',
  '1e3s',
  '5 s',
  '5s ',
  '.5s',
  '5.s',
  '1..5s',
  '5x',
  '0x5s',
  'NaNs',
  '5sec',
  '١s',
])('the text %j is not a duration, and the message says how to write one', (text) => {
  expect(() => parseDurationMs(text)).toThrow(/not a duration: .*write for example 250ms/);
});

test('a percentage is a fraction without noise in its last digits', () => {
  expect(parsePercent('99.9%')).toBe(0.999);
  expect(parsePercent('0.1%')).toBe(0.001);
  expect(parsePercent('0%')).toBe(0);
});

test.each(['', '%', '5', '-1%', '1e1%', ' 5%', '5%%'])('the text %j is not a percentage', (text) => {
  expect(() => parsePercent(text)).toThrow(/not a percentage/);
});

test('a rate is per second', () => {
  expect(parseRatePerSecond('1000/s')).toBe(1000);
  expect(parseRatePerSecond('90/min')).toBe(1.5);
  expect(parseRatePerSecond('3600/h')).toBe(1);
});

test.each(['', '/s', '5', '5/', '5/d', '5/S', '-5/s', '5/s/s', '5/toString'])(
  'the text %j is not a rate',
  (text) => {
    expect(() => parseRatePerSecond(text)).toThrow(/not a rate/);
  },
);

test('the hand-written scanner accepts exactly what the grammar describes', () => {
  const near = fc.array(
    fc.constantFrom('0', '7', '.', 'm', 's', 'u', 'h', 'd', 'min', 'ms', '-', ' ', 'e', '1.5s'),
    {
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(near, (parts) => {
      const text = parts.join('');
      const grammatical = /^(?:\d+(?:\.\d+)?(?:ms|min|us|s|m|h|d))+$/.test(text);
      let accepted = true;
      try {
        parseDurationMs(text);
      } catch {
        accepted = false;
      }
      return accepted === grammatical && Number.isNaN(parseDecimal(text)) === !/^\d+(\.\d+)?$/.test(text);
    }),
    { numRuns: 3000 },
  );
});
