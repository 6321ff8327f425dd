import { expect, test } from 'vitest';
import type { LiveSecond } from '../../samples/types.ts';
import { createPoints } from './points.ts';

test('a later tick corrects a second, and only what changed is told again', () => {
  const points = createPoints();
  points.add(0, [second(100), second(101)], 1);
  points.add(0, [second(100), second(101, { requests: 12 }), second(102)], 2);
  expect(points.first).toBe(100);
  expect(points.since(1)).toEqual([
    [1, 12, 0, 0, 1, 2, 3],
    [2, 10, 0, 0, 1, 2, 3],
  ]);
  expect(points.since(2)).toEqual([]);
});

test('of several loads requests are added up, and the worst percentile is shown', () => {
  const points = createPoints();
  points.add(0, [second(100, { failed: 1, p99: 5 })], 1);
  points.add(1, [second(100, { dropped: 2, p99: 900 })], 2);
  points.add(2, [second(100, { requests: 0, p50: null, p95: null, p99: null })], 3);
  expect(points.since(0)).toEqual([[0, 20, 1, 2, 1, 2, 900]]);
});

test('a second of which nothing was told is one without requests', () => {
  const points = createPoints();
  points.add(0, [second(100), second(103)], 1);
  expect(points.since(0).map(([index, requests, , , p50]) => [index, requests, p50])).toEqual([
    [0, 10, 1],
    [1, 0, null],
    [2, 0, null],
    [3, 10, 1],
  ]);
});

test('a long run has a bounded number of points: the worst percentile and the mean rate of each', () => {
  const points = createPoints();
  for (let at = 0; at < 9_000; at++)
    points.add(
      0,
      [second(100 + at, { requests: at % 2 === 0 ? 10 : 20, p99: at === 7_777 ? 900 : 3 })],
      at + 1,
    );
  expect(points.step).toBe(3);
  expect(points.voidBefore).toBeGreaterThan(7_000);
  const all = points.since(0);
  expect(all).toHaveLength(3_000);
  expect(Math.max(...all.map((point) => point[6] ?? 0))).toBe(900);
  expect(all.slice(0, 2).map((point) => point[1])).toEqual([13.333, 16.667]);
});

test('of more than a day the newest part is kept', () => {
  const points = createPoints();
  for (let at = 0; at < 90_001; at += 1) points.add(0, [second(at)], at + 1);
  expect(points.first).toBe(3_600 * 2);
  expect(points.since(0).length).toBeLessThanOrEqual(3_600);
});

test('a clock that was set years ahead does not make a line of empty years', () => {
  const points = createPoints();
  points.add(0, [second(100), second(100_000_000)], 1);
  expect(points.since(0)).toHaveLength(1);
});

function second(at: number, other: Partial<LiveSecond> = {}): LiveSecond {
  return { second: at, requests: 10, failed: 0, dropped: 0, p50: 1, p95: 2, p99: 3, ...other };
}
