import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { SuiteComparison } from '../../../chaos/schema/suite.ts';
import { comparison } from '../fixtures/comparison.ts';
import type { Slot, Slots } from '../side-by-side/read-slots.ts';
import type { Side } from '../side-by-side/slot-order.ts';
import { calibrateSideBySide } from './calibrate-side-by-side.ts';
import { calibrate, calibrationOf, readCalibration, writeCalibration } from './calibration.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-calibration-'));
afterAll(() => rmSync(directory, { recursive: true }));

const start = (level: number): Slots => new Map([['GET /', new Map(slotsOf(level, 'candidate', 0))]]);

/** Every second slot, four times. */
function slotsOf(level: number, side: Side, first: number) {
  const durations = Array.from({ length: 90 }, (_, i) => level * (1 + i / 90));
  const numbers = side === 'candidate' && first === 0 ? [0] : [0, 2, 4, 6].map((number) => number + first);
  return numbers.map((number): [number, Slot & { side: Side }] => [number, { side, durations, failed: [] }]);
}

test('the difference between starts is the standard deviation of their logarithms', () => {
  const { starts, sd } = calibrate(comparison, [start(10), start(10 * Math.E), start(10 * Math.E ** 2)]);
  expect(starts).toBe(3);
  expect(sd['GET /']?.p50).toBeCloseTo(1, 4);
  expect(sd['GET /']?.p95).toBeCloseTo(1, 4);
  // 90 values have no p99.
  expect(sd['GET /']).not.toHaveProperty('p99');
});

test('side by side, what both starts have in common does not count, and one start is half of the difference', () => {
  const both = (baseline: number, candidate: number): Slots =>
    new Map([
      ['GET /', new Map([...slotsOf(baseline, 'baseline', 0), ...slotsOf(candidate, 'candidate', 1)])],
    ]);
  // The hours make both slower, by up to ten times; the sides differ by a tenth, to and fro.
  const moods = [1, 10, 3, 7].map((mood, i) => both(10 * mood, 10 * mood * Math.exp(i % 2 ? 0.1 : -0.1)));
  const { starts, sd } = calibrateSideBySide(comparison, moods);
  expect(starts).toBe(4);
  expect(sd['GET /']?.p50).toBeCloseTo(Math.sqrt(0.04 / 3 / 2), 4);
  expect(sd['GET /']?.p95).toBeCloseTo(Math.sqrt(0.04 / 3 / 2), 4);
  expect(sd['GET /']).not.toHaveProperty('p99');
  // A start that only one side was seen in says nothing, and so the whole does not.
  const oneSided: Slots = new Map([['GET /', new Map(slotsOf(10, 'baseline', 0))]]);
  expect(calibrateSideBySide(comparison, [...moods, oneSided]).sd).toEqual({});
});

test('it is kept beside the environment, and used for the same load on the same machine only', () => {
  const file = calibrationOf(path.join(directory, 'staging.yaml'));
  expect(path.basename(file)).toBe('staging.calibration.json');
  const said: string[] = [];
  const read = (one: SuiteComparison) => readCalibration(file, one, (text) => said.push(text));
  expect(read(comparison)).toBeNull();
  writeCalibration(file, { gateway: calibrate(comparison, [start(10), start(11)]) }, '2026-11-30T00:00:00Z');
  expect(read(comparison)?.sd['GET /']?.p50).toBeCloseTo(Math.log(1.1) / Math.SQRT2, 3);
  expect(said).toEqual([]);
  expect(read({ ...comparison, vars: { RATE: '9' } })).toBeNull();
  writeFileSync(file, '{}');
  expect(read(comparison)).toBeNull();
  expect(said.map((text) => text.split('not used: ')[1])).toEqual([
    'it is of another load',
    'it cannot be read',
  ]);
});

test('the calibrations of other suites stay, and one that is made again is replaced', () => {
  const file = calibrationOf(path.join(directory, 'shared.yaml'));
  const sd = (one: SuiteComparison) => readCalibration(file, one, () => {})?.sd['GET /']?.p50;
  const keep = (one: SuiteComparison, level: number) =>
    writeCalibration(file, { [one.name]: calibrate(one, [start(10), start(level)]) }, '2026-11-30T00:00:00Z');
  // The same name in two suites, with another load, and another name.
  const other = { ...comparison, vars: { RATE: '9' } };
  const third = { ...comparison, name: 'web' };
  for (const [one, level] of [
    [comparison, 11],
    [other, 12],
    [third, 13],
    [comparison, 14],
  ] as const)
    keep(one, level);
  const expected = [14, 12, 13].map((level) => Math.log(level / 10) / Math.SQRT2);
  expect([comparison, other, third].map(sd)).toEqual(expected.map((one) => expect.closeTo(one, 3)));
  const written = JSON.parse(readFileSync(file, 'utf8'));
  expect(Object.keys(written.comparisons)).toHaveLength(3);
  // As an older squall wrote it.
  writeFileSync(
    file,
    JSON.stringify({ ...written, comparisons: { gateway: Object.values(written.comparisons)[0] } }),
  );
  expect(sd(comparison)).toBeCloseTo(expected[0] as number, 3);
  // Of another machine, nothing is kept.
  writeFileSync(file, JSON.stringify({ ...written, machine: { ...written.machine, cpus: 999 } }));
  keep(other, 12);
  expect([comparison, other, third].map((one) => sd(one) === undefined)).toEqual([true, false, true]);
});
