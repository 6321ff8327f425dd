import { expect, test } from 'vitest';
import { createClock } from './clock.ts';

const T = 1_796_000_000_000;

/** An answer that took so long, with the header that AWS, so much ahead, wrote half-way. */
function answer(clock: ReturnType<typeof createClock>, sentAt: number, aheadMs: number, tookMs = 20): void {
  const header = new Date(Math.floor((sentAt + tookMs / 2 + aheadMs) / 1_000) * 1_000).toUTCString();
  clock.note(sentAt, sentAt + tookMs, header);
}

test('before the first answer AWS may be five minutes off, either way', () => {
  expect(createClock().ours(T + 1)).toEqual({ at: T + 300_002, withinMs: 600_001 });
});

test('whole seconds of many answers pin the offset down to the length of a call', () => {
  const clock = createClock();
  for (let i = 0; i < 60; i += 1) answer(clock, T + i * 137, 2_700);
  const { at, withinMs } = clock.ours(T + 2_701);
  expect(Math.abs(clock.offsetMs() - 2_700)).toBeLessThan(40);
  expect(withinMs).toBeLessThan(80);
  // The truth lies in what it says.
  expect(at).toBeGreaterThanOrEqual(T);
  expect(at - withinMs).toBeLessThanOrEqual(T + 1);
});

test('a clock that was set starts anew, and a header that is none tells nothing', () => {
  const clock = createClock();
  for (let i = 0; i < 30; i += 1) answer(clock, T + i * 137, 2_700);
  answer(clock, T + 10_000, -60_000);
  expect(Math.abs(clock.offsetMs() + 60_000)).toBeLessThan(1_100);
  clock.note(T, T + 5, 'yesterday');
  clock.note(T, T + 5, undefined);
  expect(Math.abs(clock.offsetMs() + 60_000)).toBeLessThan(1_100);
});

test('an event in whole seconds may have been anywhere in its second', () => {
  const clock = createClock();
  answer(clock, T, 0);
  expect(clock.ours(T).withinMs - clock.ours(T + 1).withinMs).toBe(999);
});
