import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { SuiteComparison } from '../../../chaos/schema/suite.ts';
import { comparison } from '../fixtures/comparison.ts';
import type { Slots } from '../side-by-side/read-slots.ts';
import { calibrate, calibrationOf, readCalibration, writeCalibration } from './calibration.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'squall-calibration-'));
afterAll(() => rmSync(directory, { recursive: true }));

const start = (level: number): Slots =>
  new Map([
    [
      'GET /',
      new Map([
        [
          0,
          {
            side: 'candidate',
            durations: Array.from({ length: 90 }, (_, i) => level * (1 + i / 90)),
            failed: [],
          },
        ],
      ]),
    ],
  ]);

test('the difference between starts is the standard deviation of their logarithms', () => {
  const { starts, sd } = calibrate(comparison, [start(10), start(10 * Math.E), start(10 * Math.E ** 2)]);
  expect(starts).toBe(3);
  expect(sd['GET /']?.p50).toBeCloseTo(1, 4);
  expect(sd['GET /']?.p95).toBeCloseTo(1, 4);
  // 90 values have no p99.
  expect(sd['GET /']).not.toHaveProperty('p99');
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
