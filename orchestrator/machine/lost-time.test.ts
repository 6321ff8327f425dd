import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holds } from '../../test/trials.ts';
import { lostTimeOf } from './lost-time.ts';
import type { Stall } from './reading.ts';

const stopped = (from: number, to: number): Stall => ({ from, to, lostMs: to - from, cause: 'stopped' });
const starved = (from: number, to: number, lostMs: number): Stall => ({ from, to, lostMs, cause: 'starved' });

test('a stall adds to a request what it had of its life, and nothing to one that ended before', () => {
  const { addedAtMostMs } = lostTimeOf([stopped(1000, 2500)]);
  expect(addedAtMostMs(0, 900)).toBe(0);
  expect(addedAtMostMs(0, 1000)).toBe(0);
  expect(addedAtMostMs(0, 5000)).toBe(1500);
  expect(addedAtMostMs(990, 1200)).toBe(200);
});

test('what begins after a stall waits for what piled up, until that long again has passed', () => {
  const { addedAtMostMs, isBehind } = lostTimeOf([stopped(1000, 2500)]);
  expect(addedAtMostMs(2500, 2510)).toBe(1500);
  expect(addedAtMostMs(3500, 3510)).toBe(500);
  expect(addedAtMostMs(4000, 4010)).toBe(0);
  expect([999, 1000, 2500, 3999, 4000].map(isBehind)).toEqual([false, true, true, true, false]);
});

test('one that begins during a stall has the rest of it, and what had piled up by then', () => {
  expect(lostTimeOf([stopped(1000, 2500)]).addedAtMostMs(2000, 2510)).toBe(1000 + 500);
});

test('many short stalls add up within the life of a request, and leave nothing behind', () => {
  const short = Array.from({ length: 10 }, (_, i) => stopped(i * 100, i * 100 + 20));
  const { addedAtMostMs, isBehind } = lostTimeOf(short);
  expect(addedAtMostMs(0, 1000)).toBe(200);
  expect(addedAtMostMs(0, 500)).toBe(100);
  // The last one is made up for after 20 ms.
  expect(addedAtMostMs(990, 5000)).toBe(0);
  expect(isBehind(990)).toBe(false);
});

test('a machine that loses less than half of the time keeps up, one that loses more does not', () => {
  const keepsUp = lostTimeOf([starved(0, 1000, 400)]);
  expect(keepsUp.addedAtMostMs(500, 600)).toBe(40);
  expect(keepsUp.isBehind(500)).toBe(false);
  expect(keepsUp.standstills).toEqual([]);
  const falls = lostTimeOf([starved(0, 1000, 750)]);
  // Behind by 500 ms at the end.
  expect(falls.addedAtMostMs(1000, 1001)).toBe(500);
  expect(falls.stoodStillMs(0, 500)).toBe(375);
});

test('two accounts of the same time count once, the worse one', () => {
  const lost = lostTimeOf([
    stopped(1000, 2000),
    { from: 1200, to: 1400, lostMs: 200, cause: 'late' },
    starved(900, 1100, 40),
  ]);
  expect(lost.addedAtMostMs(0, 3000)).toBeCloseTo(1000 + 20, 6);
  expect(lost.standstills).toEqual([{ from: 1000, to: 2000, lostMs: 1000, cause: 'stopped' }]);
});

test('standstills that follow each other are one; its cause is that of the most', () => {
  const { standstills } = lostTimeOf([
    { from: 0, to: 300, lostMs: 300, cause: 'late' },
    starved(320, 1000, 650),
    stopped(2000, 2100),
  ]);
  expect(standstills).toMatchObject([
    { from: 0, to: 1000, cause: 'starved' },
    { from: 2000, to: 2100, lostMs: 100, cause: 'stopped' },
  ]);
  expect(standstills[0]?.lostMs).toBeCloseTo(950, 6);
});

test('without a stall nothing is lost', () => {
  const none = lostTimeOf([]);
  expect(none.addedAtMostMs(0, 1e9)).toBe(0);
  expect(none.isBehind(5)).toBe(false);
  expect(none.stoodStillMs(0, 1e9)).toBe(0);
  expect(lostTimeOf([stopped(5, 5)]).addedAtMostMs(0, 10)).toBe(0);
});

test('however stalls lie: in one life no more is lost than it is long, and more stalls never take away', async () => {
  const stall = fc
    .record({
      from: fc.integer({ min: 0, max: 2000 }),
      length: fc.integer({ min: 1, max: 900 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ from, length, share }): Stall => starved(from, from + length, share * length));
  const property = fc.property(
    fc.array(stall, { maxLength: 12 }),
    fc.integer({ min: 0, max: 3000 }),
    fc.integer({ min: 0, max: 1500 }),
    (stalls, from, length) => {
      const lost = lostTimeOf(stalls);
      const added = lost.addedAtMostMs(from, from + length);
      const behind = lost.addedAtMostMs(from, from);
      expect(added).toBeGreaterThanOrEqual(behind - 1e-6);
      expect(added - behind).toBeLessThanOrEqual(length + 1e-6);
      expect(lostTimeOf(stalls.slice(1)).addedAtMostMs(from, from + length)).toBeLessThanOrEqual(
        added + 1e-6,
      );
    },
  );
  await holds('lost time', property, { full: 20_000, sample: 1_000 });
});
