import { expect, test } from 'vitest';
import type { LiveSecond } from '../samples/types.ts';
import { createLoadPace } from './load-pace.ts';

const second = (at: number, requests: number) => ({ second: at, requests }) as LiveSecond;
const QUARTERS = [0.25, 0.5, 0.75];

function quartersOf(span: { from: number; to: number }, ...loads: LiveSecond[][]): number[] {
  const pace = createLoadPace();
  for (const [load, seconds] of loads.entries()) {
    // As ticks come: a later one may correct an earlier one.
    pace.tick(load, { seconds: seconds.slice(0, 1).map((one) => ({ ...one, requests: 1 })) });
    pace.tick(load, { seconds });
  }
  return QUARTERS.map((share) => pace.madeBy(span, share));
}

const span = { from: 100_000, to: 120_000 };

test('an even load has made a share of its requests after that share of the time', () => {
  const even = Array.from({ length: 20 }, (_, index) => second(100 + index, 50));
  expect(quartersOf(span, even)).toEqual([105_000, 110_000, 115_000]);
});

test('a load that began to spike late has made them late, whatever another one did evenly beside it', () => {
  const spike = Array.from({ length: 20 }, (_, index) => second(100 + index, index < 16 ? 0 : 500));
  expect(quartersOf(span, spike)).toEqual([117_000, 118_000, 119_000]);
  const slow = Array.from({ length: 20 }, (_, index) => second(100 + index, 1));
  for (const at of [...quartersOf(span, spike, slow), ...quartersOf(span, slow, spike)])
    expect(at).toBeGreaterThan(116_000);
});

test('what is not known is taken as even, also without ticks', () => {
  expect(quartersOf(span)).toEqual([105_000, 110_000, 115_000]);
  expect(quartersOf(span, [second(10, 500)])).toEqual([105_000, 110_000, 115_000]);
});

test('an hour takes what a minute takes, and its last seconds are known', () => {
  const pace = createLoadPace();
  for (let at = 0; at < 3_600; at += 1)
    pace.tick(0, { seconds: [second(at, at === 100 || at >= 3_598 ? 10 : 0)] });
  expect(pace.madeBy({ from: 3_580_000, to: 3_600_000 }, 0.5)).toBe(3_599_000);
  expect(pace.madeBy({ from: 100_000, to: 120_000 }, 0.5)).toBe(110_000);
});
