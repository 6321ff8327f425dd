import { expect, test } from 'vitest';
import { createBusyWindow } from './busy-window.ts';

/** Shares by second, with one reading a second from 0 on; null: a busy second without a reading at its end. */
const watch = (windowMs: number, shares: readonly (number | null)[]) => {
  const window = createBusyWindow(windowMs, 1.5 * windowMs);
  let all = 100;
  let idle = 50;
  const found = [window.read(0, { all, idle })];
  shares.forEach((share, second) => {
    all += 1;
    idle += 1 - (share ?? 1);
    found.push(window.read(1_000 * (second + 1), share === null ? null : { all, idle }));
  });
  return found.map((share) => (share === null ? null : Math.round(share * 100)));
};

test('each window is the mean of its own seconds, from the first whole one on', () => {
  expect(watch(3_000, [0, 0, 0.9, 0.9, 0.9, 0])).toEqual([null, null, null, 30, 60, 90, 60]);
});

test('a peak of one window is seen, however little is done before and after it', () => {
  const calm = Array(60).fill(0.1);
  const seen = watch(10_000, [...calm, ...Array(10).fill(0.95), ...calm]);
  expect(Math.max(...seen.map((share) => share ?? 0))).toBe(95);
});

test('a second that is busy is no peak of 10 s', () => {
  expect(Math.max(...watch(10_000, [...Array(20).fill(0), 1, ...Array(20).fill(0)]).map((x) => x ?? 0))).toBe(
    10,
  );
});

test('a missing reading makes a window longer, and one that is too long says nothing', () => {
  expect(watch(2_000, [0.5, 0.5, null, 0.5, 0.5])).toEqual([null, null, 50, null, 75, 67]);
  expect(watch(2_000, [0.5, 0.5, null, null, null, 0.5])).toEqual([null, null, 50, null, null, null, null]);
});

test('a machine that was started anew says nothing of the time in between', () => {
  const window = createBusyWindow(1_000, 2_000);
  window.read(0, { all: 100, idle: 50 });
  expect(window.read(1_000, { all: 2, idle: 1 })).toBeNull();
  expect(window.read(2_000, { all: 3, idle: 1 })).toBe(1);
});
