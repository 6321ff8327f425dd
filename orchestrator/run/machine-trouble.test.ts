import { expect, test } from 'vitest';
import type { MachineSecond, Stall } from '../machine/reading.ts';
import { machineTrouble } from './machine-trouble.ts';

const ZERO = Date.UTC(2026, 4, 4, 12, 0, 0);
const window = { from: ZERO, to: ZERO + 10_000 };

function seconds(stalls: readonly Stall[]): MachineSecond[] {
  const unknown = { busy: null, steal: null, pressure: null, k6Cpus: null, k6WaitMs: null };
  return [{ second: ZERO / 1000, lateMaxMs: 0, stalls, ...unknown }];
}

const late = (from: number, to: number): Stall => ({
  from: ZERO + from,
  to: ZERO + to,
  lostMs: to - from,
  cause: 'late',
});

test('a machine that stood still says when and for how long', () => {
  expect(machineTrouble(seconds([late(3000, 3250)]), window)).toBe(
    'the machine that generates the load stood still for 250 ms at 12:00:03 UTC (nothing on it ran in time)',
  );
});

test('many short stalls are trouble, a few are not, and neither are those of another time', () => {
  const short = (count: number) => Array.from({ length: count }, (_, i) => late(i * 200, i * 200 + 20));
  expect(machineTrouble(seconds(short(40)), window)).toContain('stood still');
  expect(machineTrouble(seconds(short(10)), window)).toBeNull();
  expect(machineTrouble(seconds([late(-5000, -1000), late(11_000, 15_000)]), window)).toBeNull();
  expect(machineTrouble([], window)).toBeNull();
});
