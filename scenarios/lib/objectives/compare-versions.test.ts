import { beforeEach, expect, test, vi } from 'vitest';
import { compareVersions, type Seen } from './compare-versions.ts';

const settings: Record<string, string> = {};
beforeEach(() => {
  for (const name of Object.keys(settings)) delete settings[name];
  vi.stubGlobal('__ENV', settings);
  vi.stubGlobal('__VU', 1);
});

/** `count` answers that take 10 to 20 ms, times `factor`, in no particular order. */
const seen = (factor = 1, count = 1_000, failed = 0): Seen => ({
  durations: Array.from(
    { length: count - failed },
    (_, i) => factor * (10 + (10 * ((i * 7) % count)) / count),
  ),
  requests: count,
  failed,
});
const floorMs = 5;

test('two versions that are alike have ratios of one', () => {
  expect(compareVersions(seen(), seen(), { floorMs })).toEqual({ p50: 1, p95: 1, p99: 1, extraErrors: 0 });
});

test('a green version that is three times as slow shows in every percentile, a faster one in none', () => {
  const slower = compareVersions(seen(), seen(3), { floorMs });
  expect([slower.p50, slower.p95, slower.p99].map((ratio) => ratio?.toFixed(2))).toEqual([
    '3.00',
    '3.00',
    '3.00',
  ]);
  const faster = compareVersions(seen(3), seen(), { floorMs });
  expect([faster.p50, faster.p95, faster.p99].every((ratio) => ratio !== null && ratio < 1)).toBe(true);
});

test('a slow tail shows in its percentile alone', () => {
  const green = seen();
  for (let i = 0; i < 20; i += 1) green.durations[i * 50] = 100;
  const { p50, p95, p99 } = compareVersions(seen(), green, { floorMs });
  expect(p50).toBeLessThan(1.1);
  expect(p95).toBeLessThan(1.1);
  expect(p99).toBeGreaterThan(4.9);
});

test('times below the floor count as equal, however different', () => {
  expect(compareVersions(seen(0.01), seen(0.2), { floorMs })).toMatchObject({ p50: 1, p95: 1, p99: 1 });
});

test('green is blamed for extra failures, and not rewarded for fewer', () => {
  expect(compareVersions(seen(1, 1_000, 10), seen(1, 1_000, 50), { floorMs }).extraErrors).toBeCloseTo(0.04);
  expect(compareVersions(seen(1, 1_000, 50), seen(1, 1_000, 10), { floorMs }).extraErrors).toBe(0);
});

test('without enough samples of both there is no ratio, whichever has too few', () => {
  const few = seen(1, 199);
  expect(compareVersions(seen(), few, { floorMs })).toMatchObject({
    p95: null,
    p99: null,
    extraErrors: null,
  });
  expect(compareVersions(few, seen(), { floorMs })).toMatchObject({
    p95: null,
    p99: null,
    extraErrors: null,
  });
  expect(compareVersions(seen(), few, { floorMs }).p50).not.toBeNull();
  const none = { durations: [], requests: 0, failed: 0 };
  settings.MIN_SAMPLES = '1';
  expect(compareVersions(seen(), none, { floorMs })).toEqual({
    p50: null,
    p95: null,
    p99: null,
    extraErrors: null,
  });
  expect(compareVersions(seen(), few, { floorMs }).p99).not.toBeNull();
});
