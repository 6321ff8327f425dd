import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { SuiteComparison } from '../../../chaos/schema/suite.ts';
import { variance } from '../../statistics/student-t.ts';
import { measureText } from '../decision/comparison.ts';
import { logarithms, measured, valuesNeeded } from '../decision/measure.ts';
import { type RunRecord, recordOf, thisMachine } from '../history/run-record.ts';
import type { Slots } from '../side-by-side/read-slots.ts';

/** How far two starts of the same code differ, for one comparison. */
export const between = z.object({
  starts: z.int().min(2),
  /** By the name of a request and the measure: standard deviation of the logarithm between starts. */
  sd: z.record(z.string(), z.record(z.string(), z.number().min(0))),
});
export type Between = z.output<typeof between>;

const calibrationFile = z.object({
  schema: z.literal(1),
  at: z.string(),
  machine: z.object({ cpus: z.int(), model: z.string(), arch: z.string() }),
  /** By the name of the comparison and its load; by the name alone where an older squall wrote it. */
  comparisons: z.record(
    z.string(),
    between.extend({
      load: z.object({ script: z.string(), vars: z.record(z.string(), z.string()) }),
    }),
  ),
});
export type Calibration = z.output<typeof calibrationFile>;

export const PERCENTILES = [50, 95, 99];

/** What some starts of the same code, each measured alone, say of the difference between starts. */
export function calibrate(
  comparison: SuiteComparison,
  starts: readonly Slots[],
): Calibration['comparisons'][string] {
  const records = starts.map((slots) => recordOf(comparison, slots, ''));
  const sd: Record<string, Record<string, number>> = {};
  for (const request of comparison.requests ?? Object.keys(records[0]?.requests ?? {})) {
    const samples = records.map((record) => record.requests[request]?.durationsUs ?? []);
    for (const percentile of PERCENTILES) {
      if (samples.some(({ length }) => length < valuesNeeded({ percentile }, 1))) continue;
      const logs = logarithms(samples.map((sample) => measured(sample, { percentile })));
      sd[request] = { ...sd[request], [measureText({ percentile })]: Math.sqrt(variance(logs)) };
    }
  }
  return { load: loadOf(comparison), starts: starts.length, sd };
}

/** Beside the environment's file. */
export function calibrationOf(environmentFile: string): string {
  return `${environmentFile.replace(/\.ya?ml$/, '')}.calibration.json`;
}

/**
 * Writes what was measured beside what is there of other comparisons and loads, as those of other suites are. That of another kind of machine is of
 * no use any more.
 * @param comparisons by their names
 */
export function writeCalibration(file: string, comparisons: Calibration['comparisons'], at: string): void {
  const machine = thisMachine();
  const before = existsSync(file) ? parse(file) : null;
  const kept = before !== null && isDeepStrictEqual(before.machine, machine) ? before.comparisons : {};
  const merged = [...Object.entries(kept), ...Object.entries(comparisons)].map(
    ([key, one]) => [keyOf(nameIn(key), one.load), one] as const,
  );
  const calibration: Calibration = { schema: 1, at, machine, comparisons: Object.fromEntries(merged) };
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}`);
  writeFileSync(draft, `${JSON.stringify(calibration, null, 2)}\n`);
  renameSync(draft, file);
}

/**
 * What has been measured of this comparison on this kind of machine; null when there is nothing.
 * @param say is told why a calibration that is there is not used
 */
export function readCalibration(
  file: string,
  comparison: SuiteComparison,
  say: (text: string) => void,
): Between | null {
  if (!existsSync(file)) return null;
  const calibration = parse(file);
  const load = loadOf(comparison);
  const own = Object.entries(calibration?.comparisons ?? {}).find(
    ([key, one]) => nameIn(key) === comparison.name && isDeepStrictEqual(one.load, load),
  )?.[1];
  const problem =
    calibration === null
      ? 'it cannot be read'
      : !isDeepStrictEqual(calibration.machine, thisMachine())
        ? 'it is of another kind of machine'
        : own === undefined
          ? 'it is of another load'
          : null;
  if (problem !== null || own === undefined) {
    say(`comparison ${comparison.name}: ${path.basename(file)} is not used: ${problem}`);
    return null;
  }
  return { starts: own.starts, sd: own.sd };
}

/** Names have no such character. */
const SEPARATOR = '#';

function keyOf(name: string, load: Calibration['comparisons'][string]['load']): string {
  const vars = Object.entries(load.vars).sort(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256').update(JSON.stringify([load.script, vars]));
  return `${name}${SEPARATOR}${hash.digest('hex').slice(0, 12)}`;
}

function nameIn(key: string): string {
  return key.split(SEPARATOR)[0] ?? key;
}

function parse(file: string): Calibration | null {
  try {
    return calibrationFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

export function loadOf({
  script,
  scenario,
  vars,
}: SuiteComparison): Pick<RunRecord['load'], 'script' | 'vars'> {
  return { script: path.basename(script ?? scenario ?? ''), vars };
}
